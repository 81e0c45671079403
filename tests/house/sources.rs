//! The files of this repository.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file.
pub(crate) struct Source {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is inside a workspace").to_owned()
}

/// Every file that is kept, except what is made: `target`, lock files, generated folders.
pub(crate) fn all() -> Vec<Source> {
    const MADE: &[&str] = &[".git", "target", "node_modules", "gen", "Cargo.lock", "package-lock.json"];
    let root = root();
    let kept = |entry: &walkdir::DirEntry| entry.file_name().to_str().is_none_or(|name| !MADE.contains(&name));
    let entries = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(kept);
    let mut sources = Vec::new();
    for entry in entries {
        let entry = entry.expect("the sources can be read");
        // What is no text has no words in it.
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        let path = entry.path().strip_prefix(&root).expect("it is below the root");
        sources.push(Source { path: path.to_string_lossy().replace('\\', "/"), text });
    }
    assert!(sources.len() > 200, "only {} files were found below {}", sources.len(), root.display());
    sources
}

/// The files with this ending.
pub(crate) fn ending(end: &str) -> Vec<Source> {
    all().into_iter().filter(|source| source.path.ends_with(end)).collect()
}

impl Source {
    /// True when the file is a test, or is there for tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Its lines with their numbers, without modules of unit tests and without comments.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let (mut inside, mut announced) = (false, false);
        for (number, line) in (1..).zip(self.text.lines()) {
            // As rustfmt lays it out: the module begins and ends at the left margin.
            inside |= announced && line.ends_with('{');
            announced = line == "#[cfg(test)]";
            let comment = line.trim_start().starts_with("//");
            if !inside && !comment {
                code.push((number, line));
            }
            inside &= line != "}";
        }
        code
    }
}

/// Fails with every fault, a line each.
pub(crate) fn none(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}\n{}", faults.join("\n"));
}

#[test]
fn unit_tests_are_no_code() {
    let text = "fn a() {}\n// b.unwrap()\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\nfn d() {}\n".to_owned();
    let source = Source { path: "x/src/a.rs".to_owned(), text };
    assert_eq!(source.code(), [(1, "fn a() {}"), (3, "#[cfg(test)]"), (7, "fn d() {}")]);
}
