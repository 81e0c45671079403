//! The places of files, their first lines, and their lengths.

use std::fs;

use crate::sources::{all, ending, none, root};

/// The houses of `ARCHITECTURE.md`, and what cargo makes beside them.
const TOP: &[&str] = &[
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "RUNNING_FOR_A_TEAM.md",
    "app",
    "domain",
    "src-tauri",
    "style",
    "target",
    "tests",
    "xtask",
];

/// Files of more than [`LONG`] lines, each with why it is one piece. None so far.
const ONE_PIECE: &[(&str, &str)] =
    &[("domain/src/event/mod.rs", "one enum: every event, with the meaning of each of its fields")];
const LONG: usize = 400;

#[test]
fn nothing_but_the_houses_is_at_the_top() {
    let entries = fs::read_dir(root()).expect("the root can be read");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let strange: Vec<_> = names.filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str())).collect();
    none("these have no house (ARCHITECTURE.md):", &strange);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |path: &str, text: &str| !text.starts_with("//! ") && !path.ends_with("/build.rs");
    let sources = ending(".rs");
    let faults: Vec<_> = sources.iter().filter(|s| silent(&s.path, &s.text)).map(|s| s.path.clone()).collect();
    none("these files do not begin with a line `//! …`:", &faults);
}

#[test]
fn no_file_is_too_long() {
    let mut faults = Vec::new();
    for source in ending(".rs").iter().chain(&ending(".css")) {
        let lines = source.text.lines().count();
        let known = ONE_PIECE.iter().any(|(path, why)| *path == source.path && !why.is_empty());
        if (lines > LONG) != known {
            faults.push(format!("{} has {lines} lines", source.path));
        }
    }
    none("above 400 lines, split it or list it with a reason; below, take it off the list:", &faults);
}

#[test]
fn every_test_is_run() {
    let mut faults = Vec::new();
    for package in ["tests", "src-tauri/tests"] {
        let manifest = root().join(package.trim_end_matches("/tests")).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a manifest");
        for source in ending("/main.rs") {
            let Some(inside) = source.path.strip_prefix(&format!("{package}/")) else { continue };
            // Cargo finds those of an ordinary package by itself.
            if package == "tests" && !manifest.contains(&format!("path = \"{inside}\"")) {
                faults.push(source.path);
            }
        }
    }
    none("these tests have no [[test]] in tests/Cargo.toml:", &faults);
}

#[test]
fn lines_end_as_they_should() {
    let bad = |text: &str| text.contains('\r') || text.contains('\t') || (!text.is_empty() && !text.ends_with('\n'));
    let kinds = [".rs", ".css", ".md", ".toml"];
    let faults = all().into_iter().filter(|s| kinds.iter().any(|end| s.path.ends_with(end)) && bad(&s.text));
    none("tabs, carriage returns or no end of line:", &faults.map(|s| s.path).collect::<Vec<_>>());
}
