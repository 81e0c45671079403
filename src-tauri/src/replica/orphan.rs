//! Notices that the server which owns this replica is gone and no other one has taken its place.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use tokio::time::{Instant, sleep};

/// Longest time between two looks at the lock.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Returns when nobody has held the lock at `lock` for `patience`.
///
/// The server holds the lock exclusively while it lives. A look takes it shared and gives it back at once, so
/// that replicas do not see each other; a server that starts in that very moment tries again.
pub(super) async fn abandoned(lock: &Path, patience: Duration) {
    let pause = LONGEST_PAUSE.min(patience / 4).max(Duration::from_millis(20));
    let mut alone_since = None;
    loop {
        if held(lock) {
            alone_since = None;
        } else if alone_since.get_or_insert_with(Instant::now).elapsed() >= patience {
            return;
        }
        sleep(pause).await;
    }
}

fn held(lock: &Path) -> bool {
    // No file: the data directory is gone, and its server with it.
    let Ok(file) = File::open(lock) else { return false };
    // Closing the file gives the lock back.
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_replica_is_abandoned_when_nobody_has_held_the_lock_for_long_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = File::create(&path).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        let patience = Duration::from_secs(600);
        let started = Instant::now();
        let watch = abandoned(&path, patience);
        tokio::pin!(watch);

        assert!(tokio::time::timeout(Duration::from_secs(3600), &mut watch).await.is_err(), "a server holds the lock");
        drop(lock);
        let gone = Instant::now();
        watch.await;
        assert!(gone.elapsed() >= patience && gone.elapsed() < patience + 3 * LONGEST_PAUSE, "{:?}", gone.elapsed());
        assert!(started.elapsed() > Duration::from_secs(3600));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_takes_the_lock_in_time_adopts_the_replica() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        File::create(&path).unwrap();
        let watch = abandoned(&path, Duration::from_secs(600));
        tokio::pin!(watch);

        assert!(tokio::time::timeout(Duration::from_secs(590), &mut watch).await.is_err());
        let lock = File::open(&path).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert!(tokio::time::timeout(Duration::from_secs(3600), &mut watch).await.is_err());
        // When that one goes too, the time starts again.
        drop(lock);
        assert!(tokio::time::timeout(Duration::from_secs(590), &mut watch).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_file_that_is_gone_counts_as_free() {
        let folder = tempfile::tempdir().unwrap();
        abandoned(&folder.path().join("lock"), Duration::from_secs(600)).await;
    }
}
