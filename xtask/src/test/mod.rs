//! `cargo xtask test`: everything that CI runs, in order, stopping at the first failure.

mod executables;

use std::path::Path;
use std::process::Command;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::paths::Paths;
use crate::{demo, program, setup, web};

/// One part of the run: what it is called, and what it does.
struct Step {
    name: &'static str,
    perform: fn(&Paths) -> Result<()>,
}

/// The interface comes before the programs that embed it; the lints embed nothing, so they run beside its build, which leaves
/// cores idle while it links. Every build takes the whole workspace, so that nothing is compiled twice: cargo chooses the
/// features of a crate by the packages that it is asked for.
const STEPS: &[Step] = &[
    Step { name: "set-up", perform: set_up },
    Step { name: "format", perform: |paths| cargo(paths, &["fmt", "--all", "--check"]) },
    Step { name: "interface and clippy", perform: interface_and_clippy },
    Step { name: "programs", perform: |paths| cargo(paths, &["build", "--workspace", "--bins"]) },
    Step { name: "test executables", perform: |paths| executables::build(paths).map(drop) },
    Step {
        name: "unit tests",
        perform: |paths| executables::run(paths, |package| !is_whole_system(package), prepared(paths)),
    },
    Step { name: "demo", perform: |paths| demo::play(paths, &paths.built("debug", "changeover"), true) },
    Step { name: "whole-system tests", perform: |paths| executables::run(paths, is_whole_system, prepared(paths)) },
];

fn set_up(paths: &Paths) -> Result<()> {
    setup::for_build(paths)?;
    setup::for_window()?;
    setup::for_tests()
}

fn interface_and_clippy(paths: &Paths) -> Result<()> {
    let (interface, lints) = thread::scope(|scope| {
        let interface = scope.spawn(|| web::build(paths, web::Interface::Shipped));
        let lints = clippy(paths);
        (interface.join(), lints)
    });
    interface.map_err(|_| anyhow!("the build of the interface has panicked"))?.context("the interface")?;
    lints.context("clippy")
}

fn clippy(paths: &Paths) -> Result<()> {
    cargo(paths, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let target = ["--features", "gallery", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
    cargo(paths, &[&["clippy", "--package", "app"][..], &target].concat())
}

/// True when the package in this folder tests the programs as a whole.
fn is_whole_system(package: &Path) -> bool {
    package.ends_with("tests")
}

fn cargo(paths: &Paths, arguments: &[&str]) -> Result<()> {
    program::run(program::cargo(paths).args(arguments), "")
}

/// Tells a test which programs it tests, and where it finds and puts things.
fn prepared(paths: &Paths) -> impl Fn(&mut Command) {
    |test| {
        test.env(setup::ONNXRUNTIME, setup::onnxruntime(paths))
            .env("CHANGEOVER_BIN", paths.built("debug", "changeover"))
            .env("CHANGEOVER_DESKTOP_BIN", paths.built("debug", "changeover-desktop"))
            .env("CHANGEOVER_SCREENSHOTS", paths.join("target/screenshots"));
    }
}

/// Runs every step, or up to the first that fails, and ends with a table and a line of counts.
pub(crate) fn run(paths: &Paths) -> ExitCode {
    let start = Instant::now();
    let mut times = Vec::new();
    let mut failure = None;
    for (i, step) in STEPS.iter().enumerate() {
        println!("\n=== {}/{} {} ({} so far)", i + 1, STEPS.len(), step.name, minutes(start.elapsed()));
        let begun = Instant::now();
        let result = (step.perform)(paths);
        times.push((step.name, begun.elapsed()));
        if let Err(error) = result {
            failure = Some(error);
            break;
        }
    }
    println!("{}", summary(&times, start.elapsed(), failure.as_ref()));
    match failure {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    }
}

fn summary(times: &[(&str, Duration)], total: Duration, failure: Option<&anyhow::Error>) -> String {
    let mut text = String::from("\n");
    for (i, (name, time)) in times.iter().enumerate() {
        let failed = failure.is_some() && i + 1 == times.len();
        text += &format!("  {:<6} {name:<22} {:>8}\n", if failed { "FAILED" } else { "ok" }, minutes(*time));
    }
    text += &format!("  {:<6} {:<22} {:>8}\n", "", "together", minutes(total));
    let failed = usize::from(failure.is_some());
    if let (Some(error), Some((name, _))) = (failure, times.last()) {
        text += &format!("\nThe step \"{name}\" failed: {error:#}\n");
    }
    text += &format!("\n{} passed, {failed} failed", times.len() - failed);
    text
}

fn minutes(time: Duration) -> String {
    format!("{}:{:04.1}", time.as_secs() / 60, time.as_secs_f64() % 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_failed_and_counts() {
        let times = [("format", Duration::from_secs(2)), ("clippy", Duration::from_millis(61_500))];
        let good = summary(&times, Duration::from_secs(64), None);
        assert!(good.ends_with("\n2 passed, 0 failed"), "{good}");
        assert!(good.contains("1:01.5") && !good.contains("FAILED"), "{good}");
        let bad = summary(&times, Duration::from_secs(64), Some(&anyhow::anyhow!("no luck")));
        assert!(bad.ends_with("\n1 passed, 1 failed"), "{bad}");
        assert!(bad.contains("FAILED clippy") && bad.contains("\"clippy\" failed: no luck"), "{bad}");
    }
}
