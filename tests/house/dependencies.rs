//! The dependencies on other crates and on the world outside.

use std::fs;

use crate::sources::{ending, none, root};

/// Crates that `domain` may use; none of them touches the world.
const PURE: &[&str] =
    &["hex", "hmac", "jiff", "serde", "serde_json", "serde_path_to_error", "sha2", "thiserror", "utoipa"];

/// Ways to the clock, the disk, the network, other threads and chance.
const WORLD: &[&str] = &[
    "std::fs",
    "TcpStream",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "std::io",
    "tokio",
    "async fn",
    "RandomState",
    "getrandom",
];

#[test]
fn the_domain_touches_nothing() {
    let manifest = fs::read_to_string(root().join("domain/Cargo.toml")).expect("a manifest");
    let section = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("a section");
    let names = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty());
    let mut faults: Vec<_> = names.filter(|name| !PURE.contains(name)).map(|name| format!("crate {name}")).collect();
    for source in ending(".rs").iter().filter(|source| source.path.starts_with("domain/src/")) {
        for (number, line) in source.code() {
            let found = WORLD.iter().filter(|way| line.contains(**way));
            faults.extend(found.map(|way| format!("{}:{number}: {way}", source.path)));
        }
    }
    none("domain has no I/O, no clock, no async and no chance:", &faults);
}

#[test]
fn nothing_unfinished_is_depended_on() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    let mut faults = Vec::new();
    let packages: Vec<_> = lock.split("[[package]]").skip(1).collect();
    assert!(packages.len() > 100, "the lock file cannot be read");
    for package in packages {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
            line.map(|value| value.trim_end_matches('"')).unwrap_or_default()
        };
        let (name, version) = (value("name"), value("version"));
        // What follows a plus tells which edition of something else it is for.
        let unfinished = version.split('+').next().unwrap_or_default().contains('-');
        if unfinished && !["ort", "ort-sys"].contains(&name) {
            faults.push(format!("{name} {version}"));
        }
        if value("source").starts_with("git") {
            faults.push(format!("{name} comes from {}", value("source")));
        }
    }
    none("pre-releases and git sources, of which ort alone is taken on purpose:", &faults);
}
