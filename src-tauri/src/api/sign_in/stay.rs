//! Somebody who has an answer without an end is let out when what let them in has ended.

use std::sync::Arc;
use std::time::Duration;

use domain::caller::{Caller, Through};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::{Api, ApiFor};

/// The time after which it is asked again, although nothing was heard: a session may end by itself.
const AGAIN: Duration = Duration::from_secs(60);

/// The stay of a caller whose answer has no end.
pub(crate) struct Stay {
    api: Arc<Api>,
    caller: Caller,
    heard: watch::Receiver<u64>,
    again_at: Instant,
    /// Something was heard, and it is not known yet what it means for this caller.
    asks: bool,
}

impl Stay {
    /// That of a caller who has just been let in.
    pub(crate) fn of(own: &ApiFor) -> Self {
        let heard = own.api.sign_ins.ended.subscribe();
        let (api, caller) = (Arc::clone(&own.api), own.caller.clone());
        // What ended before it was listened for is found out at once.
        Self { api, caller, heard, again_at: Instant::now() + AGAIN, asks: true }
    }

    /// Returns once the caller is not let in any more. Nothing is lost where it is not waited for to the end.
    pub(crate) async fn ended(&mut self) {
        if matches!(self.caller.through, Through::Machine | Through::Schedule) {
            return std::future::pending().await;
        }
        loop {
            if !self.asks {
                tokio::select! {
                    heard = self.heard.changed() => if heard.is_err() { return },
                    () = tokio::time::sleep_until(self.again_at) => {}
                }
                self.asks = true;
            }
            if !self.api.is_still_let_in(&self.caller).await {
                return;
            }
            (self.asks, self.again_at) = (false, Instant::now() + AGAIN);
        }
    }
}
