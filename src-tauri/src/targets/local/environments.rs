//! The Python environments that replicas have built (RAY-6): what one is asked for, and which are no longer needed.
//!
//! Replicas build them (`replica/environment.rs`). A folder holds the requirements that it was built for; its lock
//! lies beside it and is held while it is being built.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use domain::configuration::Python;
use rustix::fs::{FlockOperation, flock};

/// What a folder was built for, a line each.
const REQUIREMENTS: &str = "requirements.txt";

/// The requirements as they name an environment: sorted, each once, so that two that ask for the same share it.
pub fn requirements(python: &Python) -> Vec<String> {
    let lines: BTreeSet<_> = python.requirements.iter().map(|line| line.trim().to_owned()).collect();
    lines.into_iter().collect()
}

/// Removes from `folder` the environments that were built for none of the requirements in `named`, and unfinished ones.
pub(super) fn remove_unused(folder: &Path, named: &BTreeSet<Vec<String>>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let built_for = fs::read_to_string(path.join(REQUIREMENTS)).ok();
        let built_for = built_for.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        if built_for.is_some_and(|lines| named.contains(&lines)) {
            continue;
        }
        let lock = path.with_extension("lock");
        let held = File::options().create(true).truncate(false).write(true).open(&lock)?;
        // A replica that was left running may be building it just now.
        if flock(&held, FlockOperation::NonBlockingLockExclusive).is_ok() {
            tracing::info!(environment = %path.display(), "a Python environment that nothing asks for is removed");
            fs::remove_dir_all(&path)?;
            fs::remove_file(&lock)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_environments_that_nothing_names_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, lines) in
            [("named", Some("a==1\nb\n")), ("unused", Some("a==2\n")), ("begun", None), ("building", None)]
        {
            fs::create_dir(folder.path().join(name)).unwrap();
            if let Some(lines) = lines {
                fs::write(folder.path().join(name).join(REQUIREMENTS), lines).unwrap();
            }
        }
        let building = File::create(folder.path().join("building.lock")).unwrap();
        flock(&building, FlockOperation::NonBlockingLockExclusive).unwrap();
        let python = Python { requirements: vec!["b ".to_owned(), "a==1".to_owned(), "b".to_owned()] };
        remove_unused(folder.path(), &BTreeSet::from([requirements(&python)])).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left("named") && left("building"));
        assert!(!left("unused") && !left("begun") && !left("unused.lock"));
        remove_unused(&folder.path().join("none"), &BTreeSet::new()).unwrap();
    }
}
