//! The health of the server.

use std::sync::Arc;

use super::Api;
use crate::commands::Refusal;

/// The health of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Everything works.
    Whole,
    /// Requests are served, and nothing can be started, stopped or changed: nothing can be written, for this reason.
    Degraded(String),
    /// Requests cannot be served, or the store cannot be read.
    NotReady,
}

impl Api {
    /// The health of the server now.
    pub(crate) async fn health(self: Arc<Self>) -> Health {
        if !self.live.ready() || !self.can_read().await {
            return Health::NotReady;
        }
        self.store.trouble().map_or(Health::Whole, Health::Degraded)
    }

    async fn can_read(self: &Arc<Self>) -> bool {
        let Ok(_turn) = self.reads.acquire().await else { return false };
        let store = Arc::clone(&self.store);
        let read = move || store.read(|reading| Ok::<_, Refusal>(reading.last_seq()?)).is_ok();
        tokio::task::spawn_blocking(read).await.unwrap_or(false)
    }
}
