//! Keeps the journal's head outside of the journal while the server runs, and tries again when nothing could be written.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::events::Recorded;
use crate::store::{Store, StoreError};

/// What happens within so long is sealed together.
const PAUSE: Duration = Duration::from_secs(1);

/// Works until `end`.
pub(super) async fn seal_forever(store: Arc<Store>, end: CancellationToken) {
    let mut committed = store.events().subscribe();
    loop {
        let mut forgets = tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(PAUSE), if store.trouble().is_some() => false,
            event = committed.recv() => match event {
                Ok(recorded) => forgets_secrets(&recorded),
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return,
            },
        };
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        while let Ok(recorded) = committed.try_recv() {
            forgets |= forgets_secrets(&recorded);
        }
        let store = store.clone();
        let sealed = tokio::task::spawn_blocking(move || {
            store.try_again();
            store.keep_room();
            store.seal()?;
            if forgets { store.checkpoint() } else { Ok(()) }
        });
        let sealed: Result<(), StoreError> = match sealed.await {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::error!(%error, "sealing the journal broke off");
                continue;
            }
        };
        if let Err(error) = sealed {
            tracing::warn!(%error, "the head of the journal could not be kept outside of it, and is tried again");
        }
    }
}

/// Whether a secret was deleted, which the database's log would hold on to.
fn forgets_secrets(recorded: &Recorded) -> bool {
    matches!(
        recorded.entry.event,
        Event::DeploymentDeleted { .. } | Event::KeyRegenerated { .. } | Event::TokensRevoked {}
    )
}
