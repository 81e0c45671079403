//! Folders that replicas make and share, each with its lock beside it: removes those that nothing needs any more.
//!
//! Replicas come and go meanwhile (`replica/shared.rs`). Who makes a folder holds its lock, who uses it a lock of the
//! folder itself; with neither held it is moved aside at once, so that nobody ever finds half of it, and then removed.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// The end of the name of a folder that is being removed.
const ASIDE: &str = "removed";

/// Removes every folder in `parent` that is not needed, unless a replica makes or uses it just now. Where `parent` is not
/// there, nothing is left over; what cannot be removed is told and left.
pub(super) fn remove(parent: &Path, is_needed: impl Fn(&Path) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let path = entry?.path();
        let is_aside = path.extension().is_some_and(|extension| extension == ASIDE);
        if !path.is_dir() || (!is_aside && is_needed(&path)) {
            continue;
        }
        if let Err(error) = remove_one(&path) {
            tracing::warn!(folder = %path.display(), %error, "a folder that nothing needs cannot be removed");
        }
    }
    Ok(())
}

fn remove_one(path: &Path) -> io::Result<()> {
    let (lock, aside) = (path.with_extension("lock"), path.with_extension(ASIDE));
    let held = File::options().create(true).truncate(false).write(true).open(&lock)?;
    let folder = File::open(path)?;
    let free = |file: &File| flock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
    if !free(&held) || !free(&folder) {
        return Ok(());
    }
    tracing::info!(folder = %path.display(), "a folder that nothing needs is removed");
    if path != aside {
        match fs::remove_dir_all(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::rename(path, &aside)?,
        }
    }
    fs::remove_file(&lock)?;
    // From here on another may be made in its place.
    drop(held);
    fs::remove_dir_all(&aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["needed", "gone", "busy", "used", "broken_off.removed"] {
            fs::create_dir_all(folder.path().join(name).join("deep")).unwrap();
        }
        let used = File::open(folder.path().join("used")).unwrap();
        flock(&used, FlockOperation::LockShared).unwrap();
        let busy = File::create(folder.path().join("busy.lock")).unwrap();
        flock(&busy, FlockOperation::NonBlockingLockExclusive).unwrap();
        remove(folder.path(), |path| path.ends_with("needed") || path.ends_with("broken_off.removed")).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left("needed") && left("busy") && left("used"));
        assert!(!left("gone") && !left("gone.lock") && !left("gone.removed") && !left("broken_off.removed"));
        drop((busy, used));
        remove(folder.path(), |_| false).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        remove(&folder.path().join("none"), |_| false).unwrap();
    }
}
