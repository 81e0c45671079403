//! Runs other programs, and turns what can go wrong with that into a sentence.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths::Paths;

/// Runs a program whose output is for the reader, and fails when it does. `mend` says what to do when it is not installed.
pub(crate) fn run(command: &mut Command, mend: &str) -> Result<()> {
    let shown = shown(command);
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, error, mend))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a program quietly and gives its standard output. On failure the error holds the end of what it printed, then `mend`.
pub(crate) fn output(command: &mut Command, mend: &str) -> Result<String> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(command, error, mend))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        bail!("`{shown}` failed ({}):\n{}\n{mend}", output.status, last_lines(&said, 12));
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed something that is not text"))
}

/// Runs a program whose standard output is for this one and whose errors are for the reader, and gives the output.
pub(crate) fn printed(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| not_started(command, error, ""))?;
    if !output.status.success() {
        bail!("`{shown}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed something that is not text"))
}

/// True when a program starts and says that all is well.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// True when a program of this name is on the search path.
pub(crate) fn on_path(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).chain(["/usr/sbin".into()]).any(|folder| folder.join(name).is_file())
}

/// Cargo in this clone, always building into its `target/`, without the variables that this program itself got
/// from cargo: some build scripts watch them and would run again.
pub(crate) fn cargo(paths: &Paths) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths.root()).env("CARGO_TARGET_DIR", paths.target());
    for (name, _) in std::env::vars_os() {
        let from_cargo = name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
        if from_cargo || name == "LD_LIBRARY_PATH" {
            command.env_remove(name);
        }
    }
    command
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: std::io::Error, mend: &str) -> anyhow::Error {
    let program = command.get_program().display();
    match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!("{program} is not installed here. {mend}"),
        _ => anyhow::anyhow!("{program} could not be started: {error}. {mend}"),
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_explained() {
        let error = run(&mut Command::new("no-such-program-here"), "Install it.").unwrap_err().to_string();
        assert_eq!(error, "no-such-program-here is not installed here. Install it.");
    }

    #[test]
    fn a_failing_program_is_quoted_at_its_end() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 100 >&2; exit 3"]);
        let error = output(&mut command, "Try again.").unwrap_err().to_string();
        assert!(
            error.contains("exit status: 3") && error.ends_with("99\n100\nTry again.") && !error.contains("\n80\n"),
            "{error}"
        );
    }
}
