//! No file needs another that needs it: what is read first can be understood first.

use std::collections::BTreeSet;

use crate::graph::{self, Graph};
use crate::sources::none;

/// The roots of the packages, and of what is built beside them.
const PACKAGES: &[&str] =
    &["app/src/main.rs", "domain/src/lib.rs", "src-tauri/src/lib.rs", "tests/src/lib.rs", "xtask/src/main.rs"];

/// Folders whose files may need each other, each set with why.
const KNOWN: &[(&[&str], &str)] =
    &[(&["src-tauri/src/replica/"], "the error of a replica is made of the errors of its parts, which end with it")];

#[test]
fn no_file_needs_another_that_needs_it() {
    let (mut faults, mut met) = (Vec::new(), BTreeSet::new());
    for package in PACKAGES {
        let graph = graph::of(package);
        assert!(graph.values().any(|arrows| !arrows.is_empty()), "{package} has no arrows");
        for circle in circles(&graph) {
            let known = KNOWN.iter().position(|(folders, _)| {
                circle.iter().all(|file| folders.iter().any(|folder| file.starts_with(folder)))
            });
            match known {
                Some(number) => drop(met.insert(number)),
                None => faults.push(drawn(&graph, &circle)),
            }
        }
    }
    let gone = KNOWN.iter().enumerate().filter(|(number, _)| !met.contains(number));
    faults.extend(gone.map(|(_, (folders, _))| format!("no circle is left in {folders:?}: take them off the list")));
    none("these files need each other (move what both need into a file of its own):", &faults);
}

/// The sets of files of which each needs every other, if only through others.
fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let mut left: BTreeSet<&str> = graph.keys().map(String::as_str).collect();
    let mut circles = Vec::new();
    while let Some(first) = left.pop_first() {
        let needed = reached(graph, first);
        let mut circle: BTreeSet<_> =
            needed.iter().copied().filter(|file| reached(graph, file).contains(first)).collect();
        circle.insert(first);
        left.retain(|file| !circle.contains(file));
        if circle.len() > 1 {
            circles.push(circle);
        }
    }
    circles
}

/// Every file that this one needs, if only through others.
fn reached<'a>(graph: &'a Graph, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        let next = graph.get(file).into_iter().flat_map(|arrows| arrows.keys());
        open.extend(next.map(String::as_str).filter(|file| reached.insert(*file)));
    }
    reached
}

fn drawn(graph: &Graph, circle: &BTreeSet<&str>) -> String {
    let mut lines = vec![format!("a circle of {}:", circle.len())];
    for from in circle {
        let arrows = graph[*from].iter().filter(|(to, _)| circle.contains(to.as_str()));
        lines.extend(arrows.map(|(to, names)| {
            format!("  {from} → {to}: {}", Vec::from_iter(names.iter().map(String::as_str)).join(", "))
        }));
    }
    lines.join("\n")
}
