//! The names of things, and the words that nobody writes.

use crate::sources::{all, ending, none};

#[test]
fn names_say_what_a_thing_is() {
    // In pieces, so that this file is not found itself.
    let vague = ["Manager", "Service", "Helper", "Util", "Utils", "Processor", "Handler"];
    let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
    let mut faults = Vec::new();
    for source in ending(".rs") {
        for (number, line) in source.code() {
            for kind in kinds {
                let Some((_, rest)) = line.split_once(kind) else { continue };
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if vague.iter().any(|end| name.ends_with(end)) {
                    faults.push(format!("{}:{number}: {name}", source.path));
                }
            }
        }
    }
    none("these names say nothing:", &faults);
}

#[test]
fn nothing_breaks_off_or_is_left_for_later() {
    let parts = [
        (".unwrap", "()"),
        (".expect", "("),
        (".unwrap_err", "("),
        ("todo", "!("),
        ("unimplemented", "!("),
        ("panic", "!("),
        ("dbg", "!("),
    ];
    let everywhere =
        [("#[ign", "ore"), ("todo", "!("), ("unimplemented", "!("), ("dbg", "!("), ("TO", "DO"), ("FIX", "ME")];
    let mut faults = Vec::new();
    for source in ending(".rs") {
        let whole = source.text.lines().zip(1..).map(|(line, number)| (number, line));
        let lines: Vec<_> = if source.is_test() { whole.collect() } else { source.code() };
        for (at, (number, line)) in lines.iter().enumerate() {
            // Said openly, with the reason, and checked by the compiler.
            let excused = lines[..at].iter().rev().take(3).any(|(_, line)| line.contains("expect(clippy::"));
            let code = parts.iter().filter(|_| !source.is_test() && !excused);
            for (a, b) in code.chain(&everywhere) {
                if line.contains(&format!("{a}{b}")) {
                    faults.push(format!("{}:{number}: {}", source.path, line.trim()));
                }
            }
        }
    }
    faults.dedup();
    none("outside tests nothing breaks off, and nowhere is anything left out:", &faults);
}

#[test]
fn nothing_is_tied_to_one_machine_or_registry() {
    let folders = ["work", "root", "home", "Users", "tmp"].map(|folder| format!("/{folder}/"));
    let hosts = [["crates", "io"], ["pypi", "org"], ["pythonhosted", "org"], ["npmjs", "org"], ["npmjs", "com"]];
    let hosts = hosts.map(|host| host.join("."));
    let mut faults = Vec::new();
    for source in all() {
        for (number, line) in (1..).zip(source.text.lines()) {
            if folders.iter().chain(&hosts).any(|word| line.contains(word.as_str())) {
                faults.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none("these name a folder of one machine, or a host that packages come from:", &faults);
}

#[test]
fn only_the_clock_asks_the_system_what_time_it_is() {
    // Whatever goes by the system's clock is wrong when somebody sets it.
    let asked = [["Timestamp", "now("], ["SystemTime", "now("], ["Zoned", "now("]].map(|call| call.join("::"));
    let free = ["src-tauri/src/clock.rs", "src-tauri/src/cli/"];
    let mut faults = Vec::new();
    for source in ending(".rs").into_iter().filter(|source| source.path.starts_with("src-tauri/src/")) {
        if source.is_test() || free.iter().any(|start| source.path.starts_with(start)) {
            continue;
        }
        for (number, line) in source.code() {
            if asked.iter().any(|call| line.contains(call.as_str())) {
                faults.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    none("these ask the system's clock instead of the program's (src-tauri/src/clock.rs):", &faults);
}
