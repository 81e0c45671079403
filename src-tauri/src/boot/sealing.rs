//! Seals the journal's head outside of the journal while the server runs, and tries again what could not be done.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::events::Recorded;
use crate::store::{Store, StoreError};

/// The pause between two seals: everything recorded within it is sealed together.
const PAUSE: Duration = Duration::from_secs(1);

/// Works until `end`.
pub(super) async fn seal_forever(store: Arc<Store>, end: CancellationToken) {
    let mut committed = store.events().subscribe();
    // A secret was deleted and still stands in the log; something of the last turn is to be tried again.
    let (mut forgets, mut again) = (false, false);
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            // Trouble may come while nothing is committed.
            () = tokio::time::sleep(PAUSE) => if !again && store.trouble().is_none() { continue },
            event = committed.recv() => match event {
                Ok(recorded) => forgets |= forgets_secrets(&recorded),
                Err(RecvError::Lagged(_)) => forgets = true,
                Err(RecvError::Closed) => return,
            },
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        while let Ok(recorded) = committed.try_recv() {
            forgets |= forgets_secrets(&recorded);
        }
        let store = store.clone();
        let done = tokio::task::spawn_blocking(move || {
            store.try_again();
            store.keep_room();
            let sealed = store.seal();
            // Also when that failed: the disk is full, and a secret is to go all the same.
            let stays = forgets && !store.checkpoint()?;
            sealed.map(|()| stays)
        });
        let done: Result<Result<bool, StoreError>, _> = done.await;
        again = match done {
            Ok(Ok(stays)) => {
                forgets = stays;
                stays
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the head of the journal could not be sealed, which is tried again");
                true
            }
            Err(error) => {
                tracing::error!(%error, "sealing the journal broke off");
                true
            }
        };
    }
}

/// True when a secret was deleted, which the database's log would hold on to.
fn forgets_secrets(recorded: &Recorded) -> bool {
    matches!(
        recorded.entry.event,
        Event::DeploymentDeleted { .. }
            | Event::KeyRegenerated { .. }
            | Event::TokensRevoked {}
            | Event::PersonErased { .. }
    )
}

#[cfg(test)]
mod tests {
    use domain::id::Actor;
    use jiff::Timestamp;
    use rusqlite::Connection;

    use super::*;
    use crate::events::Events;
    use crate::store::DATABASE;

    /// A store, a task that seals it and waits by now, and another program with the database.
    async fn sealed() -> (tempfile::TempDir, Arc<Store>, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path(), Events::default()).unwrap());
        tokio::spawn(seal_forever(store.clone(), CancellationToken::new()));
        tokio::task::yield_now().await;
        let other = Connection::open(folder.path().join(DATABASE)).unwrap();
        (folder, store, other)
    }

    async fn until(holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
    }

    fn revoke(store: &Store) -> Result<(), StoreError> {
        let actor: Actor = "ada".parse().unwrap();
        store.write(&actor, Timestamp::UNIX_EPOCH, |writing| writing.revoke_tokens(&"id-a".parse().unwrap()))
    }

    #[tokio::test]
    async fn trouble_is_over_when_writing_is_possible_again_though_nobody_writes() {
        let (_folder, store, other) = sealed().await;
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(revoke(&store), Err(StoreError::Locked)));
        assert!(store.trouble().is_some());
        other.execute_batch("ROLLBACK").unwrap();
        until(|| store.trouble().is_none()).await;
    }

    #[tokio::test]
    async fn a_deleted_secret_goes_from_the_log_once_nobody_reads_any_more() {
        let (folder, store, other) = sealed().await;
        let id = "id-a".parse().unwrap();
        revoke(&store).unwrap();
        let secret = store.read(|reading| reading.secrets(&id)).unwrap().unwrap().tokens;
        let holds = |name: &str| {
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
        };
        until(|| !holds("changeover.db-wal")).await;
        other.execute_batch("BEGIN; SELECT count(*) FROM secrets").unwrap();
        revoke(&store).unwrap();
        until(|| folder.path().join("head.json").metadata().is_ok_and(|head| head.len() > 0)).await;
        // Longer than one turn takes: the reader has kept it from emptying the log.
        tokio::time::sleep(3 * PAUSE).await;
        assert!(holds(DATABASE), "nobody kept it from that");
        other.execute_batch("COMMIT").unwrap();
        until(|| !holds(DATABASE)).await;
    }
}
