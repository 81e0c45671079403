//! Folders that replicas make and share, each with its lock beside it: removes those that nothing needs any more.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Removes every folder in `parent` that is not needed, unless a replica that was left running makes it just now.
/// Where `parent` is not there, nothing is left over.
pub(super) fn remove(parent: &Path, is_needed: impl Fn(&Path) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let path = entry?.path();
        if !path.is_dir() || is_needed(&path) {
            continue;
        }
        let lock = path.with_extension("lock");
        let held = File::options().create(true).truncate(false).write(true).open(&lock)?;
        if flock(&held, FlockOperation::NonBlockingLockExclusive).is_ok() {
            tracing::info!(folder = %path.display(), "a folder that nothing needs is removed");
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
    fn what_is_being_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["needed", "gone", "busy"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let busy = File::create(folder.path().join("busy.lock")).unwrap();
        flock(&busy, FlockOperation::NonBlockingLockExclusive).unwrap();
        remove(folder.path(), |path| path.ends_with("needed")).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left("needed") && left("busy"));
        assert!(!left("gone") && !left("gone.lock"));
        drop(busy);
        remove(folder.path(), |_| false).unwrap();
        assert!(!left("needed") && !left("busy"));
        remove(&folder.path().join("none"), |_| false).unwrap();
    }
}
