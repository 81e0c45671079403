//! The direction of dependencies: every module names only those that it may (`ARCHITECTURE.md`).

use std::collections::BTreeSet;

use crate::sources::{Source, ending, none};

/// A module of `src-tauri/src`, and the modules of the same package that it may name.
const NATIVE: &[(&str, &[&str])] = &[
    ("api", &["clock", "commands", "courier", "events", "packages", "store"]),
    ("cause", &[]),
    ("checks", &["clock", "store", "events", "targets", "packages", "peer"]),
    ("cli", &["cause", "config", "packages"]),
    ("clock", &[]),
    ("commands", &["store"]),
    ("config", &[]),
    ("connection", &[]),
    ("courier", &["cause", "clock", "commands", "config", "events", "store"]),
    ("engine", &["clock", "store", "events", "targets", "gateway"]),
    ("events", &[]),
    ("gateway", &["clock", "connection", "peer", "vital"]),
    ("http", &["api", "commands", "connection"]),
    ("metrics", &["clock", "events", "gateway", "store"]),
    ("oidc", &["api", "cause"]),
    ("packages", &[]),
    ("peer", &[]),
    ("pythons", &[]),
    ("replica", &["clock", "connection", "packages", "peer", "pythons"]),
    ("schedule", &["clock", "commands", "events", "store"]),
    ("store", &["events"]),
    ("targets", &["clock", "peer", "pythons", "vital"]),
    ("upkeep", &["events", "store"]),
    ("vital", &[]),
];

/// The same for `app/src`; `pages` is the only place that joins the others.
const APP: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("components", &["words"]),
    ("pages", &["api", "state", "components", "words"]),
    ("state", &["api"]),
    ("words", &[]),
];

/// Modules of `domain` that the command line may name: those that travel, and what they are made of.
const COMMAND_LINE: &[&str] = &[
    "access",
    "canonical",
    "chain",
    "change_request",
    "configuration",
    "deployment",
    "diff",
    "exact_plan",
    "freeze",
    "id",
    "model",
    "notice",
    "policy",
    "principal",
    "proof",
    "receipt",
    "rehearsal",
    "replica",
    "revision",
    "rollout",
    "step_kind",
    "strategy",
    "strict",
    "target",
    "use_case",
    "visible",
    "webhook",
    "wire",
];

#[test]
fn modules_of_the_native_side_name_only_what_they_may() {
    check("src-tauri/src/", NATIVE, &["boot", "lib", "bin"]);
}

#[test]
fn modules_of_the_interface_name_only_what_they_may() {
    check("app/src/", APP, &["main"]);
}

#[test]
fn the_command_line_knows_only_what_travels() {
    let mut faults = Vec::new();
    for source in ending(".rs").iter().filter(|source| source.path.starts_with("src-tauri/src/cli/")) {
        for name in named(source, "domain").into_iter().filter(|name| !COMMAND_LINE.contains(&name.as_str())) {
            faults.push(format!("{} names domain::{name}", source.path));
        }
    }
    none("the command line is a thin client of the API, and knows no rules:", &faults);
}

#[test]
fn the_interface_and_the_domain_know_nothing_of_the_native_side() {
    let native = ["changeover", "tests", "xtask"];
    let mut faults = Vec::new();
    for source in ending(".rs") {
        let closed = ["app/", "domain/"].iter().any(|start| source.path.starts_with(start));
        for package in native.iter().filter(|package| closed && !named(&source, package).is_empty()) {
            faults.push(format!("{} names {package}", source.path));
        }
    }
    none("app points to domain, domain to nothing:", &faults);
}

fn check(folder: &str, rules: &[(&str, &[&str])], free: &[&str]) {
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    // Tests build whatever they need around what they test.
    let code = ending(".rs").into_iter().filter(|source| source.path.starts_with(folder) && !source.is_test());
    for source in code {
        let inside = &source.path[folder.len()..];
        let module = inside.split(['/', '.']).next().unwrap_or_default().to_owned();
        if free.contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = rules.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: the module {module} has no place among the arrows", source.path));
            continue;
        };
        // A module names itself as it likes.
        for name in named(&source, "crate").into_iter().filter(|name| *name != module) {
            if !allowed.contains(&name.as_str()) {
                faults.push(format!("{}: {module} → {name}", source.path));
            }
        }
        seen.insert(module);
    }
    assert!(seen.len() + 1 >= rules.len(), "modules are missing, is {folder} right? {seen:?}");
    none("these arrows point the wrong way:", &faults);
}

/// The names that follow `start::` anywhere in the code: one name, or each of a list in braces.
fn named(source: &Source, start: &str) -> BTreeSet<String> {
    let code: Vec<&str> = source.code().into_iter().map(|(_, line)| line.trim()).collect();
    let code = code.join("\n");
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(&format!("{start}::")) {
        if code[..at].ends_with(word) || code[..at].ends_with("::") {
            continue;
        }
        let rest = &code[at + start.len() + 2..];
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(rest.chars().take_while(|c| word(*c)).collect());
            continue;
        };
        let mut depth = 0;
        let mut name = String::new();
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.extend(Some(std::mem::take(&mut name))),
                _ if depth == 0 => name.push(c),
                _ => {}
            }
        }
        names.insert(name);
    }
    let first = |name: &String| name.trim().chars().take_while(|c| word(*c)).collect::<String>();
    names.iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn names_are_found_alone_and_in_lists() {
    let text = "use crate::a::B;\nuse crate::{b::{C, D}, c};\nlet x = crate::d::e();\nuse mycrate::f;\n// crate::g\n";
    let source = Source { path: "x/src/a.rs".to_owned(), text: text.to_owned() };
    assert_eq!(named(&source, "crate").into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
}
