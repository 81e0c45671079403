//! Each fault against each strategy, told as a story: what the engine does on a simulated target, with the
//! text of it in `golden/`. `INSTA_UPDATE=always cargo test -p tests --test faults simulated` writes it anew.

use std::fmt::Write as _;

use anyhow::ensure;
use domain::rollout::Phase;
use tests::script;
use tests::stage::Stage;

/// What is wrong with a revision.
struct Fault {
    /// Names it, and its golden text.
    name: &'static str,
    /// Which model version behaves how, as a script says it.
    behave: &'static str,
    /// Whether it shows before a replica has been ready for long enough to count, so that nothing may be lost by it.
    early: bool,
}

/// Revision 1 is iris@1, the update goes to iris@2. A replica counts after 3 s.
const FAULTS: [Fault; 10] = [
    Fault { name: "starts_slowly", behave: "iris@2 ready 4s", early: true },
    Fault { name: "never_ready", behave: "iris@2 never-ready", early: true },
    Fault { name: "cannot_start", behave: "iris@2 cannot-start", early: true },
    Fault { name: "crashes_at_start", behave: "iris@2 crashes 500ms", early: true },
    Fault { name: "crashes_when_ready", behave: "iris@2 crashes-later 2s", early: true },
    Fault { name: "crashes_later", behave: "iris@2 crashes-later 8s", early: false },
    Fault { name: "flaps", behave: "iris@2 flaps 2s", early: true },
    Fault { name: "unready_when_ready", behave: "iris@2 sickens 2s", early: true },
    Fault { name: "unready_later", behave: "iris@2 sickens 8s", early: false },
    Fault { name: "ignores_stop", behave: "iris@1 ignores-stop 5s", early: true },
];

/// Surge, unavailable, and what both come to for 5 replicas: the fewest available and the most running.
const STRATEGIES: [(&str, &str, usize, usize); 3] = [("1", "0", 5, 6), ("0", "20%", 4, 5), ("100%", "0", 5, 10)];

/// What came of one fault against one strategy.
struct Outcome {
    story: String,
    phase: Phase,
    fewest: usize,
    most: usize,
}

async fn play(fault: &Fault, surge: &str, unavailable: &str) -> anyhow::Result<Outcome> {
    let mut stage = Stage::open().await?;
    let before = format!(
        "register iris\nregister iris\nbehave {}\ndeploy iris iris@1 replicas=5\nuntil-over iris",
        fault.behave
    );
    script::perform_on(&mut stage, &before).await?;
    let id = stage.deployment("iris")?.id;
    stage.routing.take_fewest(&id);
    stage.target.take_most();
    let during = format!(
        "behave {}\nupdate iris models=iris@2 max_surge={surge} max_unavailable={unavailable} min_ready_seconds=3 \
         progress_deadline_seconds=15\nuntil-over iris\nshow iris\n",
        fault.behave
    );
    let story = script::perform_on(&mut stage, &during).await?;
    let (fewest, most) = (stage.routing.take_fewest(&id), stage.target.take_most());
    Ok(Outcome { story, phase: stage.rollout("iris")?.phase, fewest, most })
}

async fn tell(name: &str) -> anyhow::Result<()> {
    let fault = FAULTS.iter().find(|fault| fault.name == name).expect("a fault of this name");
    let mut text = String::new();
    for (surge, unavailable, ..) in STRATEGIES {
        let Outcome { story, .. } = play(fault, surge, unavailable).await?;
        writeln!(text, "# {} against surge {surge}, unavailable {unavailable}\n\n{story}", name.replace('_', " "))?;
    }
    golden(name, &text);
    Ok(())
}

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("[0-9a-z]{26}", "ID");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() -> anyhow::Result<()> {
            tell(stringify!($name)).await
        })*

        #[test]
        fn every_fault_has_a_story() {
            assert_eq!(FAULTS.map(|fault| fault.name), [$(stringify!($name)),*]);
        }
    };
}

stories!(
    starts_slowly,
    never_ready,
    cannot_start,
    crashes_at_start,
    crashes_when_ready,
    crashes_later,
    flaps,
    unready_when_ready,
    unready_later,
    ignores_stop,
);

#[tokio::test(start_paused = true)]
async fn every_fault_against_every_strategy() -> anyhow::Result<()> {
    let mut table = format!(
        "{:<20} {:<6} {:<12} {:<10} {:>14} {:>6} {:>13} {:>8}\n",
        "fault", "surge", "unavailable", "ended", "fewest asked", "floor", "most running", "allowed"
    );
    for fault in &FAULTS {
        for (surge, unavailable, floor, allowed) in STRATEGIES {
            let Outcome { phase, fewest, most, story } = play(fault, surge, unavailable).await?;
            writeln!(
                table,
                "{:<20} {surge:<6} {unavailable:<12} {:<10} {fewest:>14} {floor:>6} {most:>13} {allowed:>8}",
                fault.name.replace('_', " "),
                format!("{phase:?}").to_lowercase(),
            )?;
            ensure!(most <= allowed, "{most} processes ran, {allowed} are allowed:\n{story}");
            ensure!(!fault.early || fewest >= floor, "only {fewest} could be asked, the floor is {floor}:\n{story}");
        }
    }
    golden("matrix", &table);
    Ok(())
}
