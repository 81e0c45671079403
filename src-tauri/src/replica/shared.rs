//! Folders that replicas make and share: who makes one, and who uses one.
//!
//! A folder is made, and looked at whether it is complete, by who holds the lock beside it. Who uses it holds a lock of
//! the folder itself as well, for as long as it lives: without both nobody removes it (`targets/local/left_over.rs`).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::life::Life;

/// The pause between two looks at whether another replica is done.
const LOOK: Duration = Duration::from_millis(100);

/// Waits for the lock of `folder`, which is kept for as long as the file is open.
pub(super) async fn lock(folder: &Path, life: &Life, waiting: &str) -> io::Result<File> {
    let path = folder.with_extension("lock");
    loop {
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if error != rustix::io::Errno::WOULDBLOCK {
                return Err(error.into());
            }
            life.prepares(waiting);
            tokio::time::sleep(LOOK).await;
        }
        // Whoever had it may have removed the file with its folder, and others wait for the next one.
        let held = file.metadata()?;
        if fs::metadata(&path).is_ok_and(|there| (there.dev(), there.ino()) == (held.dev(), held.ino())) {
            return Ok(file);
        }
    }
}

/// Says that `folder` is used for as long as the file is open. For who holds its lock.
pub(super) fn in_use(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    flock(&file, FlockOperation::LockShared)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_free(path: &Path) -> bool {
        flock(File::open(path).unwrap(), FlockOperation::NonBlockingLockExclusive).is_ok()
    }

    #[tokio::test]
    async fn a_lock_that_was_removed_meanwhile_is_not_taken_for_the_one_that_others_wait_for() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, life) = (parent.path().join("a"), Life::new());
        let first = lock(&folder, &life, "waiting").await.unwrap();
        let (waits, waiting) = (folder.clone(), life.clone());
        let second = tokio::spawn(async move { lock(&waits, &waiting, "waiting").await });
        while life.doing().what != "waiting" {
            tokio::task::yield_now().await;
        }
        let path = folder.with_extension("lock");
        fs::remove_file(&path).unwrap();
        drop(first);
        let second = second.await.unwrap().unwrap();
        assert!(!is_free(&path), "who comes next waits");
        drop(second);
        assert!(is_free(&path));
    }

    #[test]
    fn many_may_use_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (in_use(folder.path()).unwrap(), in_use(folder.path()).unwrap());
        drop(first);
        assert!(!is_free(folder.path()));
        drop(second);
        assert!(is_free(folder.path()));
    }
}
