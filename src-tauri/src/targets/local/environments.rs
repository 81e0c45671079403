//! The Python environments that replicas have built (RAY-6): their requirements, and the removal of unused ones.
//!
//! Replicas build them (`replica/environment.rs`). A folder holds the requirements that it was built for; its lock
//! lies beside it and is held while it is being built.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use domain::configuration::Python;

use super::left_over;

/// The file with the requirements that a folder was built for, a line each.
const REQUIREMENTS: &str = "requirements.txt";

/// The requirements as they name an environment: sorted, each once, so that two that ask for the same share it.
pub fn requirements(python: &Python) -> Vec<String> {
    // What was stored by an earlier release may hold what is refused today; the installer says so.
    let lines = domain::python::list(&python.requirements).unwrap_or_else(|_| python.requirements.clone());
    let lines: BTreeSet<_> = lines.iter().map(|line| line.trim().to_owned()).collect();
    lines.into_iter().collect()
}

/// Removes from `folder` the environments that were built for none of the requirements in `named`, and unfinished ones.
pub(super) fn remove_unused(folder: &Path, named: &BTreeSet<Vec<String>>) -> io::Result<()> {
    left_over::remove(folder, |environment| {
        let built_for = fs::read_to_string(environment.join(REQUIREMENTS)).ok();
        let built_for = built_for.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        built_for.is_some_and(|lines| named.contains(&lines))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_environments_that_nothing_names_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, lines) in [("named", Some("a==1\nb\n")), ("unused", Some("a==2\n")), ("begun", None)] {
            fs::create_dir(folder.path().join(name)).unwrap();
            if let Some(lines) = lines {
                fs::write(folder.path().join(name).join(REQUIREMENTS), lines).unwrap();
            }
        }
        let python = Python { requirements: vec!["b ".to_owned(), "a==1".to_owned(), "b".to_owned()] };
        remove_unused(folder.path(), &BTreeSet::from([requirements(&python)])).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left("named") && !left("unused") && !left("begun"));
    }
}
