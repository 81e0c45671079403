//! The folders of packages that came as archives: which are no longer needed.
//!
//! Replicas unpack them (`replica/unpacked.rs`), each into a folder named after the digest of its artifact; its lock lies
//! beside it and is held meanwhile.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use domain::id::Digest;
use rustix::fs::{FlockOperation, flock};

/// Removes from `folder` what belongs to none of the artifacts in `named`, and what was left unfinished.
pub(super) fn remove_unused(folder: &Path, named: &BTreeSet<Digest>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_needed = name.parse().is_ok_and(|digest| named.contains(&digest));
        if is_needed || !path.is_dir() {
            continue;
        }
        let lock = path.with_extension("lock");
        let held = File::options().create(true).truncate(false).write(true).open(&lock)?;
        // A replica that was left running may be unpacking it just now.
        if flock(&held, FlockOperation::NonBlockingLockExclusive).is_ok() {
            tracing::info!(package = %path.display(), "the folder of a package that is not registered is removed");
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
    fn only_what_no_registered_model_has_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let [named, gone, busy] = ["a", "b", "c"].map(|letter| letter.repeat(64));
        for name in [&named, &gone, &format!("{gone}.new"), &busy] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let building = File::create(folder.path().join(format!("{busy}.lock"))).unwrap();
        flock(&building, FlockOperation::NonBlockingLockExclusive).unwrap();
        remove_unused(folder.path(), &BTreeSet::from([named.parse().unwrap()])).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left(&named) && left(&busy));
        assert!(!left(&gone) && !left(&format!("{gone}.new")) && !left(&format!("{gone}.lock")));
    }
}
