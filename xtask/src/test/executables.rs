//! The test executables of the workspace. They are built in one go, so that every crate is compiled for one set of
//! features only, and run from here, because `cargo test` with fewer packages would choose other features again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::paths::Paths;
use crate::program;

/// One test executable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Executable {
    /// Name of its test target: that of the package for its unit tests.
    name: String,
    /// Folder of its package, in which it runs.
    folder: PathBuf,
    path: PathBuf,
}

/// Builds every test executable of the workspace, and lists them by name.
pub(super) fn build(paths: &Paths) -> Result<Vec<Executable>> {
    let mut cargo = program::cargo(paths);
    cargo.args(["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"]);
    let mut executables: Vec<Executable> = told(&program::printed(&mut cargo)?);
    executables.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    Ok(executables)
}

/// The executables that cargo's messages name, a message on each line.
fn told(messages: &str) -> Vec<Executable> {
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["profile"]["test"].as_bool().filter(|test| *test)?;
        let path = PathBuf::from(message["executable"].as_str()?);
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
        Some(Executable { name: message["target"]["name"].as_str()?.to_owned(), folder, path })
    };
    messages.lines().filter_map(executable).collect()
}

/// The number of executables that run at a time: most of their time is spent waiting for processes, timers and
/// browsers.
const TOGETHER: usize = 2;

/// Runs those that `wanted` chooses by the folder of their package, all of them, with what `prepare` adds to each. The
/// output of each is printed when it has ended, with the time that it took.
pub(super) fn run(paths: &Paths, wanted: impl Fn(&Path) -> bool, prepare: impl Fn(&mut Command) + Sync) -> Result<()> {
    let executables = build(paths)?;
    let chosen: Vec<_> = executables.iter().filter(|executable| wanted(&executable.folder)).collect();
    if chosen.is_empty() {
        bail!("no test executable was built for this step");
    }
    let outputs = paths.join("target/test-output");
    fs::create_dir_all(&outputs)?;
    let (next, failed) = (Mutex::new(chosen.into_iter()), Mutex::new(Vec::new()));
    let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(executable) = take() {
            println!("    {} begins", executable.name);
            let begun = Instant::now();
            let ended = executable.run(&outputs, &prepare);
            let output = fs::read(executable.output(&outputs)).unwrap_or_default();
            let output = String::from_utf8_lossy(&output);
            println!("\n--- {} ({} s)\n{output}", executable.name, begun.elapsed().as_secs());
            if let Err(error) = ended {
                println!("{error:#}");
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(executable.name.as_str());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !failed.is_empty() {
        bail!("{} of these failed: {}", failed.len(), failed.join(", "));
    }
    Ok(())
}

impl Executable {
    fn run(&self, outputs: &Path, prepare: impl Fn(&mut Command)) -> Result<()> {
        let output = File::create(self.output(outputs))?;
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.stdout(output.try_clone()?).stderr(output);
        prepare(&mut command);
        program::run(&mut command, "").with_context(|| format!("the tests of {}", self.name))
    }

    /// The file with its output, in this folder. Two targets may have the same name, and no two the same file.
    fn output(&self, outputs: &Path) -> PathBuf {
        outputs.join(self.path.file_name().unwrap_or_default()).with_extension("txt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_executables_are_taken_from_the_messages() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/c/tests/Cargo.toml","target":{"name":"house"},"profile":{"test":true},"executable":"/c/target/debug/deps/house-1"}
{"reason":"compiler-artifact","manifest_path":"/c/tests/Cargo.toml","target":{"name":"field"},"profile":{"test":false},"executable":"/c/target/debug/field"}
{"reason":"compiler-artifact","manifest_path":"/c/domain/Cargo.toml","target":{"name":"domain"},"profile":{"test":true},"executable":null}
{"reason":"build-finished","success":true}
no message"#;
        let house =
            Executable { name: "house".into(), folder: "/c/tests".into(), path: "/c/target/debug/deps/house-1".into() };
        assert_eq!(told(messages), [house]);
    }
}
