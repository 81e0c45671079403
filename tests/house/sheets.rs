//! `style/` mirrors `app/src`: a sheet has the name of a module, a class has one home, and somebody uses it.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Source, ending, none, root};

/// One rule of a sheet: its selector, and whether it stands in a block for the printer.
struct Rule {
    selector: String,
    prints: bool,
}

#[test]
fn every_sheet_has_the_name_of_a_module() {
    let mut faults = Vec::new();
    for sheet in sheets() {
        let inside = sheet.path.trim_start_matches("style/").trim_end_matches(".css").to_owned();
        // What no single module owns stands in `base`, and what everybody reads in `tokens`.
        if inside == "tokens" || inside == "base" || inside.starts_with("base/") {
            continue;
        }
        let module = root().join("app/src").join(&inside);
        let mirrored = inside.starts_with("components/") || inside.starts_with("pages/");
        if !mirrored || !(module.is_dir() || module.with_extension("rs").is_file()) {
            faults.push(format!("{}: there is no app/src/{inside}.rs and no such folder", sheet.path));
        }
    }
    none("these sheets mirror no module:", &faults);
}

#[test]
fn every_class_has_one_home() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sheet in sheets() {
        for rule in rules(&sheet.text).into_iter().filter(|rule| !rule.prints) {
            for selector in apart(&rule.selector) {
                if let Some(class) = classes(&outside(selector)).into_iter().next() {
                    homes.entry(class).or_default().insert(sheet.path.clone());
                }
            }
        }
    }
    let several = homes.into_iter().filter(|(_, sheets)| sheets.len() > 1);
    let faults: Vec<_> = several.map(|(class, sheets)| format!(".{class}: {sheets:?}")).collect();
    none("the rules of these classes stand in several sheets:", &faults);
}

#[test]
fn every_class_is_used() {
    let sources: Vec<_> = ending(".rs").into_iter().filter(|source| source.path.starts_with("app/src/")).collect();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words: BTreeSet<&str> = sources.iter().flat_map(|source| source.text.split(|c| !word(c))).collect();
    // As in `format!("age-{age}")`.
    let made = |class: &str| {
        let begin = class.rsplit_once('-').map(|(begin, _)| format!("{begin}-{{"));
        begin.is_some_and(|begin| sources.iter().any(|source| source.text.contains(&begin)))
    };
    let mut faults = BTreeSet::new();
    for sheet in sheets() {
        for class in rules(&sheet.text).iter().flat_map(|rule| classes(&rule.selector)) {
            if !words.contains(class.as_str()) && !made(&class) {
                faults.insert(format!("{}: .{class}", sheet.path));
            }
        }
    }
    none("no page has these classes:", &faults.into_iter().collect::<Vec<_>>());
}

fn sheets() -> Vec<Source> {
    ending(".css").into_iter().filter(|sheet| sheet.path.starts_with("style/")).collect()
}

/// The rules of a sheet, also those inside blocks such as `@media`; the steps of an animation are none.
fn rules(text: &str) -> Vec<Rule> {
    let text: String = text.split("*/").map(|piece| piece.split("/*").next().unwrap_or_default()).collect();
    let (mut rules, mut around, mut head) = (Vec::new(), Vec::<String>::new(), String::new());
    for letter in text.chars() {
        match letter {
            '{' => {
                let selector = std::mem::take(&mut head).trim().to_owned();
                let of = |start: &str| around.iter().any(|outer| outer.starts_with(start));
                if !selector.starts_with('@') && !of("@keyframes") {
                    rules.push(Rule { selector: selector.clone(), prints: of("@media print") });
                }
                around.push(selector);
            }
            '}' => {
                around.pop();
                head.clear();
            }
            ';' => head.clear(),
            other => head.push(other),
        }
    }
    rules
}

/// The selectors of a list, without a comma inside brackets.
fn apart(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[from..].trim());
    parts
}

/// A selector without what stands inside brackets.
fn outside(selector: &str) -> String {
    let mut depth = 0_i32;
    let keep = |letter: &char| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        depth == 0 && *letter != ')'
    };
    selector.chars().filter(keep).collect()
}

/// The classes of a selector, in their order.
fn classes(selector: &str) -> Vec<String> {
    let name = |piece: &str| -> String {
        piece.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
    };
    let named = selector.split('.').skip(1).map(name);
    named.filter(|class| class.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
}

#[test]
fn sheets_are_read_rule_by_rule() {
    let text = "/* .no {} */ .a, .b:is(.c, .d) > i { top: 0; left: .5em }\n\
        @media print { .e { top: 0 } }\n@keyframes f { from { top: 0 } }\n";
    let read = rules(text);
    let shown: Vec<_> = read.iter().map(|rule| (rule.selector.as_str(), rule.prints)).collect();
    assert_eq!(shown, [(".a, .b:is(.c, .d) > i", false), (".e", true)]);
    assert_eq!(apart(".a, .b:is(.c, .d) > i"), [".a", ".b:is(.c, .d) > i"]);
    assert_eq!(outside(".b:is(.c, .d) > i"), ".b:is > i");
    assert_eq!(classes(".a.b-c:not(.d) .e_f"), ["a", "b-c", "d", "e_f"]);
}
