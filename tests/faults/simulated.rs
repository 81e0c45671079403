//! Each fault against each strategy and each policy, told as a story: what the engine does on a simulated target, with the
//! text of it in `golden/`. `INSTA_UPDATE=always cargo test -p tests --test faults simulated` writes it anew.

use std::fmt::Write as _;

use anyhow::ensure;
use domain::deployment::Status;
use domain::rollout::Phase;
use tests::script;
use tests::stage::Stage;

/// A fault of a revision.
struct Fault {
    /// The name of the fault, and of its golden text.
    name: &'static str,
    /// The behaviour of a model version, as a script says it.
    behave: &'static str,
    /// True when the fault shows before a replica has been ready for long enough to count, so that nothing may be lost
    /// by it.
    early: bool,
    /// True when a rollout may fail by the fault.
    fails: bool,
}

/// Revision 1 is iris@1, the update goes to iris@2. A replica counts after 3 s.
const FAULTS: [Fault; 10] = [
    Fault { name: "starts_slowly", behave: "iris@2 ready 4s", early: true, fails: false },
    Fault { name: "never_ready", behave: "iris@2 never-ready", early: true, fails: true },
    Fault { name: "cannot_start", behave: "iris@2 cannot-start", early: true, fails: true },
    Fault { name: "crashes_at_start", behave: "iris@2 crashes 500ms", early: true, fails: true },
    Fault { name: "crashes_when_ready", behave: "iris@2 crashes-later 2s", early: true, fails: true },
    Fault { name: "crashes_later", behave: "iris@2 crashes-later 8s", early: false, fails: true },
    Fault { name: "flaps", behave: "iris@2 flaps 2s", early: true, fails: true },
    Fault { name: "unready_when_ready", behave: "iris@2 sickens 2s", early: true, fails: true },
    Fault { name: "unready_later", behave: "iris@2 sickens 8s", early: false, fails: true },
    Fault { name: "ignores_stop", behave: "iris@1 ignores-stop 5s", early: true, fails: false },
];

/// Surge, unavailable, and what both come to for 5 replicas: the fewest available and the most running.
const STRATEGIES: [(&str, &str, usize, usize); 3] = [("1", "0", 5, 6), ("0", "20%", 4, 5), ("100%", "0", 5, 10)];

/// The policies for a rollout that fails.
const POLICIES: [&str; 3] = ["revert", "stop", "dead"];

/// The outcome of one fault against one strategy, under one policy.
struct Outcome {
    story: String,
    phase: Phase,
    /// The status of the deployment, some time after the end.
    status: Status,
    /// The fewest that could be asked at any moment, and those that can be asked some time after the end.
    fewest: usize,
    after: usize,
    most: usize,
}

async fn play(fault: &Fault, surge: &str, unavailable: &str, policy: &str) -> anyhow::Result<Outcome> {
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
         progress_deadline_seconds=15 on_failure={policy}\nuntil-over iris\nwait 5s\nshow iris",
        fault.behave
    );
    let story = script::perform_on(&mut stage, &during).await?;
    Ok(Outcome {
        story,
        phase: stage.rollout("iris")?.phase,
        status: stage.deployment("iris")?.status,
        fewest: stage.routing.take_fewest(&id),
        after: stage.routing.routed(&id).len(),
        most: stage.target.take_most(),
    })
}

#[tokio::test(start_paused = true)]
async fn each_fault_against_each_strategy_under_each_policy() -> anyhow::Result<()> {
    let mut table = format!(
        "{:<18} {:<5} {:<11} {:<6} | {:<9} {:<7} | {:>12} {:>5} {:>5} | {:>12} {:>7}\n",
        "fault",
        "surge",
        "unavailable",
        "policy",
        "ended",
        "then",
        "fewest asked",
        "floor",
        "after",
        "most running",
        "allowed"
    );
    for fault in &FAULTS {
        let name = fault.name.replace('_', " ");
        // What is never a failure needs no policy.
        for policy in if fault.fails { &POLICIES[..] } else { &POLICIES[..1] } {
            let mut stories = String::new();
            for (surge, unavailable, floor, allowed) in STRATEGIES {
                let played = play(fault, surge, unavailable, policy).await?;
                played.check(fault, policy, floor, allowed)?;
                let Outcome { story, phase, status, fewest, after, most } = played;
                let (phase, status) = (format!("{phase:?}").to_lowercase(), format!("{status:?}").to_lowercase());
                writeln!(
                    stories,
                    "# {name} against surge {surge}, unavailable {unavailable}; on failure: {policy}\n\n{story}"
                )?;
                writeln!(
                    table,
                    "{name:<18} {surge:<5} {unavailable:<11} {policy:<6} | {phase:<9} {status:<7} | \
                     {fewest:>12} {floor:>5} {after:>5} | {most:>12} {allowed:>7}",
                )?;
            }
            golden(&format!("{}.{policy}", fault.name), &stories);
        }
    }
    golden("matrix", &table);
    Ok(())
}

impl Outcome {
    /// Checks the promises that are made of every one of them.
    fn check(&self, fault: &Fault, policy: &str, floor: usize, allowed: usize) -> anyhow::Result<()> {
        let Self { story, phase, status, fewest, most, .. } = self;
        ensure!(*most <= allowed, "{most} processes ran, {allowed} are allowed:\n{story}");
        ensure!(!fault.early || *fewest >= floor, "only {fewest} could be asked, the floor is {floor}:\n{story}");
        let failed = if policy == "revert" { Phase::Reverted } else { Phase::Failed };
        ensure!(*phase == Phase::Completed || fault.fails && *phase == failed, "it ended {phase:?}:\n{story}");
        let dead = policy == "dead" && *phase == Phase::Failed;
        ensure!((*status == Status::Dead) == dead, "it is {status:?}:\n{story}");
        Ok(())
    }
}

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("[0-9a-z]{26}", "ID");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
