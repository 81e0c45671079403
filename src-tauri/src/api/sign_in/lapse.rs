//! Takes back what the identity provider gave to people of whom it has not told for twelve hours: they may have left.

use std::sync::Arc;
use std::time::Duration;

use domain::caller::Caller;
use domain::id::Actor;
use domain::provider::lapses_at;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::api::{Answer, Api, ApiFor};
use crate::commands::{self, Provider, Refusal};

/// The pause after a failure of the store.
const PAUSE: Duration = Duration::from_secs(60);

impl Api {
    /// Works until `end`. It sleeps until the next time at which something lapses: of somebody who signs in meanwhile, that
    /// is later.
    pub(crate) async fn lapse(self: Arc<Self>, end: CancellationToken) {
        loop {
            let skipped = self.clock.read().skipped;
            let wait = match self.lapse_now().await {
                Ok(next) => Duration::try_from(next.duration_since(self.clock.now())).unwrap_or_default(),
                Err(refusal) => {
                    tracing::warn!(%refusal, "what the identity provider gave cannot be taken back, which is tried again");
                    PAUSE
                }
            };
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.clock.skipped_beyond(skipped) => {}
            }
        }
    }

    /// Takes back what is due now; the next time at which something is.
    async fn lapse_now(self: &Arc<Self>) -> Result<Timestamp, Refusal> {
        let now = self.clock.now();
        let next = self.next_lapse().await?;
        if next > now {
            return Ok(next);
        }
        let admission = self.sign_ins.admission();
        let own = ApiFor { api: Arc::clone(self), caller: Caller::new(Actor::server()) };
        own.let_out(move |act, ways| {
            commands::lapse(act, Provider { admission: &admission, ways })?;
            Answer::done(&())
        })
        .await?;
        self.next_lapse().await
    }

    async fn next_lapse(self: &Arc<Self>) -> Result<Timestamp, Refusal> {
        let accounts = self.look(|reading| Ok(reading.accounts()?)).await?;
        let next = accounts.iter().filter_map(|linked| linked.lapses_at()).min();
        Ok(next.unwrap_or_else(|| lapses_at(self.clock.now())))
    }
}
