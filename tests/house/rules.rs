//! Rules of which module may name which other one beside it, and their check against the sources.

use std::collections::BTreeMap;

use crate::graph;
use crate::sources::none;

/// A module, and the modules beside it that it may name.
pub(crate) type Rules = [(&'static str, &'static [&'static str])];

/// Checks that the modules of `folder` name only those that `rules` let them.
pub(crate) fn check(package: &str, folder: &str, rules: &Rules) {
    let rules: BTreeMap<_, _> = rules.iter().copied().collect();
    let module = |file: &str| {
        let name = file.strip_prefix(folder)?.split(['/', '.']).next()?;
        (!["lib", "mod"].contains(&name)).then(|| name.to_owned())
    };
    let (mut faults, mut arrows) = (circles(&rules), 0);
    for (file, needs) in graph::of(package) {
        let Some(from) = module(&file) else { continue };
        let Some(allowed) = rules.get(from.as_str()) else {
            faults.push(format!("{file}: the module {from} has no place among the arrows"));
            continue;
        };
        for (other, names) in needs {
            let Some(to) = module(&other).filter(|to| *to != from) else { continue };
            arrows += 1;
            if !allowed.contains(&to.as_str()) {
                faults.push(format!("{file}: {from} → {to} ({})", Vec::from_iter(names).join(", ")));
            }
        }
    }
    assert!(arrows > 10, "only {arrows} arrows below {folder}, is it right?");
    none(&format!("these arrows inside {folder} point the wrong way:"), &faults);
}

/// Modules from which the arrows that are allowed lead back to them.
fn circles(rules: &BTreeMap<&str, &[&str]>) -> Vec<String> {
    let leads_back = |start: &&str| {
        let (mut open, mut seen) = (vec![*start], Vec::new());
        while let Some(module) = open.pop() {
            let next = rules.get(module).copied().unwrap_or_default();
            if next.contains(start) {
                return true;
            }
            open.extend(next.iter().filter(|next| !seen.contains(*next)));
            seen.extend(next);
        }
        false
    };
    rules.keys().copied().filter(leads_back).map(|module| format!("the rules lead from {module} back to it")).collect()
}
