//! The invariants of the whole engine, over random interleavings of operator commands, faults, kills and time.
//!
//! Each case is a script in the language of `tests/scenarios`; the one that breaks an invariant is shrunk and
//! printed, ready to be kept as a scenario. `CHANGEOVER_SEEDS` says how many there are.

mod check;
mod lines;
mod room;

use std::fmt::Debug;
use std::time::Duration;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use proptest::{collection, prelude::Strategy as _};
use tests::script;
use tests::stage::Stage;

use check::Watch;

/// Scripts for each property.
fn seeds() -> u32 {
    std::env::var("CHANGEOVER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// Everything may happen: in the end all is as the last command that was taken wants it, whatever failed in between.
#[test]
fn whatever_happens_it_ends_as_it_was_meant() {
    everywhere(|| lines::anything().boxed(), Watch::Routes);
}

/// As long as no replica fails by itself, the limits hold at every moment.
#[test]
fn the_floor_and_the_ceiling_hold_at_every_moment() {
    everywhere(|| lines::without_accidents().boxed(), Watch::Limits);
}

fn everywhere(line: impl Fn() -> proptest::strategy::BoxedStrategy<String>, watch: Watch) {
    let scripts = collection::vec(line(), 1..24).prop_map(|lines| lines.join("\n"));
    all(scripts, |script| play(script, watch), |script| format!("{}{script}", check::BEGIN));
}

/// Plays every case, each with a clock of its own; the smallest that fails is told as a script.
fn all<T: Clone + Debug>(
    cases: impl proptest::strategy::Strategy<Value = T>,
    play: impl AsyncFn(T) -> anyhow::Result<()>,
    told: impl Fn(&T) -> String,
) {
    let config = Config { cases: seeds(), failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let outcome = TestRunner::new(config).run(&cases, |case| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let played = runtime.expect("a runtime").block_on(play(case));
        played.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n\nThe script:\n\n{}\n", told(&case)),
        Err(other) => panic!("{other}"),
    }
}

async fn play(script: String, watch: Watch) -> anyhow::Result<()> {
    let mut stage = Stage::open().await?;
    script::play(&mut stage, check::BEGIN).await?;
    stage.check_at_every_tick(move |stage| watch.check(stage));
    script::play(&mut stage, &script).await?;
    // Nobody interferes from now on.
    stage.routing.nothing_meanwhile();
    script::perform_on(&mut stage, check::HEAL).await?;
    settled(&stage, &["iris"]).await
}

/// In the end all is as it was meant, and nothing was ever wrong. `names` are those of all deployments.
async fn settled(stage: &Stage, names: &[&str]) -> anyhow::Result<()> {
    // Long enough for every deadline and every pause that grows.
    for _ in 0..180 {
        if check::as_meant(stage, names).is_ok() {
            break;
        }
        stage.pass_time(Duration::from_millis(500)).await;
    }
    // And it stays so.
    stage.pass_time(Duration::from_secs(3)).await;
    stage.violation()?;
    check::as_meant(stage, names)
}
