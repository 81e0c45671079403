//! One name, one thing: wherever the name of a type can be seen, it means the same.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::items::{Item, tokens};
use crate::sources::{ending, none};

/// The folder of each part of the program, and the name of its root. The command line is a part of its own: it talks to
/// a server over HTTP, and sees nothing of it but `domain`.
const ROOTS: [(&str, &str); 6] = [
    ("domain/src/", "domain"),
    ("src-tauri/src/cli/", "cli"),
    ("src-tauri/src/", "changeover"),
    ("src-tauri/desktop/src/", "desktop"),
    ("app/src/", "app"),
    ("xtask/src/", "xtask"),
];

/// Folders whose names are not theirs to choose, each with why.
const FOLDERS: [(&str, &str); 3] = [
    ("src-tauri/src/cli/commands/", "the arguments of a command are called after it"),
    ("src-tauri/src/http/", "`Wanted` are the query parameters of the one route in a file"),
    ("src-tauri/src/packages/onnx/", "these are the words of ONNX and of its encoding"),
];

/// Names that may mean several things, each with why.
const NAMES: [(&str, &str); 5] = [
    ("Deployment", "the gateway knows no ledger: its own is what it routes to"),
    ("Parts", "what a room is made of, named with the room: `engine::Parts`"),
    ("RecordKind", "the API knows no gateway: the two are made of each other where both are put together"),
    ("Replica", "the planner knows no gateway, and the gateway no planner"),
    ("Target", "what a model predicts and where replicas run are both called so in their fields"),
];

/// A type that other modules can see.
struct Type {
    name: String,
    file: String,
    /// The module in which it can be seen, from its root; empty for every part of the program.
    seen: Vec<String>,
}

#[test]
fn a_name_means_one_thing_wherever_it_can_be_seen() {
    let mut types: BTreeMap<String, Vec<Type>> = BTreeMap::new();
    for source in ending(".rs").into_iter().filter(|source| !source.is_test()) {
        let Some(module) = module(&source.path) else { continue };
        visit(tokens(&source.path, &source.text), &mut |name, visibility| {
            let (name, file, seen) = (name.to_owned(), source.path.clone(), seen(&module, visibility));
            types.entry(name.clone()).or_default().push(Type { name, file, seen });
        });
    }
    assert!(types.len() > 500, "only {} names of types were found", types.len());
    let (mut faults, mut excused) = (BTreeSet::new(), BTreeSet::new());
    for same in types.values() {
        for (at, one) in same.iter().enumerate() {
            for other in same[at + 1..].iter().filter(|other| meet(one, other)) {
                match excuse(one, other) {
                    Some(why) => drop(excused.insert(why)),
                    None => drop(faults.insert(format!("{}: {} and {}", one.name, one.file, other.file))),
                }
            }
        }
    }
    let whys = FOLDERS.iter().chain(&NAMES).filter(|(_, why)| !excused.contains(why));
    faults.extend(whys.map(|(what, _)| format!("{what} needs no exception any more")));
    none("these names mean two things:", &Vec::from_iter(faults));
}

/// The reason for which both types may have the name, if they may.
fn excuse(one: &Type, other: &Type) -> Option<&'static str> {
    let below = |folder: &str| one.file.starts_with(folder) || other.file.starts_with(folder);
    let folder = FOLDERS.iter().find(|(folder, _)| below(folder));
    folder.or_else(|| NAMES.iter().find(|(name, _)| *name == one.name)).map(|(_, why)| *why)
}

/// True when there is a place where both types can be seen.
fn meet(one: &Type, other: &Type) -> bool {
    // Only this part of the program does without the domain.
    let apart = |a: &Type, b: &Type| a.seen.is_empty() && b.seen.first().is_some_and(|root| root == "xtask");
    one.seen.iter().zip(&other.seen).all(|(a, b)| a == b) && !apart(one, other) && !apart(other, one)
}

/// The module of a file, from the root of its part.
fn module(path: &str) -> Option<Vec<String>> {
    let (folder, root) = ROOTS.iter().find(|(folder, _)| path.starts_with(folder))?;
    let file = path.strip_prefix(folder)?.strip_suffix(".rs")?;
    let names = file.split('/').filter(|name| !["lib", "main", "mod"].contains(name));
    Some(std::iter::once(*root).chain(names).map(str::to_owned).collect())
}

/// The module in which a type of `module` with this visibility can be seen.
fn seen(module: &[String], visibility: &str) -> Vec<String> {
    let crate_root = module[..1].to_vec();
    match visibility.strip_prefix("in crate::") {
        Some(path) => crate_root.into_iter().chain(path.split("::").map(str::to_owned)).collect(),
        None if visibility == "super" => module[..module.len().saturating_sub(1)].to_vec(),
        None if visibility.is_empty() && module[0] == "domain" => Vec::new(),
        None => crate_root,
    }
}

/// Calls `found` with each type that is not private and its visibility: empty for `pub`, else what stands in its brackets.
fn visit(code: TokenStream, found: &mut dyn FnMut(&str, &str)) {
    let mut rest = code.into_iter().peekable();
    while let Some(item) = Item::next(&mut rest).filter(|item| !item.body.is_empty()) {
        if item.only_for_tests {
            continue;
        }
        if ["struct", "enum", "union", "trait", "type"].contains(&item.keyword.as_str()) {
            if let Some(visibility) = visibility(&item.body) {
                found(&item.name, &visibility);
            }
        } else if let Some(TokenTree::Group(list)) = item.body.last().filter(|_| is_words(&item)) {
            visit(list.stream(), found);
        }
    }
}

/// True for a list of words, which is an enum.
fn is_words(item: &Item) -> bool {
    matches!(item.body.first(), Some(TokenTree::Ident(name)) if name == "words")
}

/// The visibility of an item; none of a private one.
fn visibility(body: &[TokenTree]) -> Option<String> {
    let at = body.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "pub"))?;
    Some(match body.get(at + 1) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            group.stream().to_string().replace(" :: ", "::")
        }
        _ => String::new(),
    })
}

#[test]
fn types_are_seen_as_far_as_they_say() {
    let code = "pub struct A(B); pub(super) enum C { D } struct E; words! { pub enum F { G = \"g\" } }
                pub(in crate::x::y) type H = (); #[cfg(test)] pub struct I; pub(crate) trait J {}";
    let mut found = Vec::new();
    let module = ["r", "x", "y", "z"].map(str::to_owned);
    visit(tokens("", code), &mut |name, visibility| found.push((name.to_owned(), seen(&module, visibility).join(" "))));
    let expected = [("A", "r"), ("C", "r x y"), ("F", "r"), ("H", "r x y"), ("J", "r")];
    assert_eq!(found, expected.map(|(name, seen)| (name.to_owned(), seen.to_owned())));
}
