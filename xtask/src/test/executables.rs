//! The test executables of the workspace. They are built in one go, so that every crate is compiled for one set of
//! features only, and run from here, because `cargo test` with fewer packages would choose other features again.

use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Runs those that `wanted` chooses by the folder of their package, one after the other and all of them, with what
/// `prepare` adds to each.
pub(super) fn run(paths: &Paths, wanted: impl Fn(&Path) -> bool, prepare: impl Fn(&mut Command)) -> Result<()> {
    let mut failed = Vec::new();
    let executables = build(paths)?;
    let chosen: Vec<_> = executables.iter().filter(|executable| wanted(&executable.folder)).collect();
    if chosen.is_empty() {
        bail!("no test executable was built for this step");
    }
    for executable in chosen {
        println!("\n--- {}", executable.name);
        let mut command = Command::new(&executable.path);
        command.current_dir(&executable.folder).env("CARGO_MANIFEST_DIR", &executable.folder);
        prepare(&mut command);
        let started = program::run(&mut command, "");
        if let Err(error) = started.with_context(|| format!("the tests of {}", executable.name)) {
            println!("{error:#}");
            failed.push(executable.name.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("{} of these failed: {}", failed.len(), failed.join(", "));
    }
    Ok(())
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
