//! The invariants of the whole engine, over random interleavings of operator commands, faults, kills and time.
//!
//! Each case is a script in the language of `tests/scenarios`; the one that breaks an invariant is shrunk and
//! printed, ready to be kept as a scenario. `CHANGEOVER_SEEDS` says how many there are.

mod check;
mod lines;

use std::fmt::Write as _;
use std::time::Duration;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
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
    let config = Config { cases: seeds(), failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let scripts = collection::vec(line(), 1..24);
    let outcome = TestRunner::new(config).run(&scripts, |lines| {
        let script = lines.join("\n");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let played = runtime.expect("a runtime").block_on(play(&script, watch));
        played.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    if let Err(error) = outcome {
        let mut text = String::new();
        let _ = match &error {
            proptest::test_runner::TestError::Fail(why, lines) => {
                write!(text, "{why}\n\nThe script:\n\n{}{}\n", check::BEGIN, lines.join("\n"))
            }
            other => write!(text, "{other}"),
        };
        panic!("{text}");
    }
}

async fn play(script: &str, watch: Watch) -> anyhow::Result<()> {
    let mut stage = Stage::open().await?;
    script::perform_on(&mut stage, check::BEGIN).await?;
    stage.check_at_every_tick(move |stage| watch.check(stage));
    script::perform_on(&mut stage, script).await?;
    script::perform_on(&mut stage, check::HEAL).await?;
    // Long enough for every deadline and every pause that grows.
    for _ in 0..180 {
        if check::as_meant(&stage).is_ok() {
            break;
        }
        stage.pass_time(Duration::from_millis(500)).await;
    }
    // And it stays so.
    stage.pass_time(Duration::from_secs(3)).await;
    stage.violation()?;
    check::as_meant(&stage)
}
