//! Attempts are counted before they are looked at, so that many at once are no way around the limit.

use std::net::IpAddr;
use std::sync::Arc;

use domain::principal::PrincipalId;
use domain::sign_in::{Counted, Failures, account};
use domain::wire::ErrorCode;
use jiff::{SignedDuration, Timestamp};

use super::secrets::hash_of;
use crate::api::Api;
use crate::commands::Refusal;
use crate::store::{Reading, Writing};

/// The place that a request comes from, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ComesFrom(pub(crate) Option<IpAddr>);

impl ComesFrom {
    /// Its name among those that are counted: whoever has one address of IPv6 has all that begin like it.
    pub(super) fn name(self) -> String {
        match self.0 {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => address.to_string(),
                None => address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
            },
        }
    }
}

/// An attempt that is being looked at.
pub(super) struct Attempt {
    counted: Vec<(Counted, String)>,
}

impl Api {
    /// Counts an attempt from `source`, at the account with this e-mail address if it is at one.
    ///
    /// # Errors
    /// `too_many_attempts`; those of the store.
    pub(super) async fn attempt(self: &Arc<Self>, email: Option<&str>, source: ComesFrom) -> Result<Attempt, Refusal> {
        let of = |counted: Counted, what: &str| (counted, hash_of(&format!("{counted}\0{what}")));
        let mut counted = vec![of(Counted::Source, &source.name())];
        counted.extend(email.map(|email| of(Counted::Account, &account(email))));
        let attempt = Attempt { counted: counted.clone() };
        let (asked, now) = (counted.clone(), self.clock.now());
        // Whoever has to wait is told so without anybody waiting to write.
        self.look(move |reading| allow(reading, &asked, now)).await?;
        self.write_down(move |writing| {
            let now = writing.now();
            allow(&writing.reading(), &counted, now)?;
            for (of, hash) in &counted {
                let before = writing.reading().failures(*of, hash)?;
                writing.put_failures(*of, hash, &Failures::with_one_more(before, *of, now))?;
            }
            Ok(())
        })
        .await?;
        Ok(attempt)
    }

    /// Takes back that an attempt was counted: it did not fail. The account's earlier failures are forgotten with it.
    pub(super) async fn succeeded(self: &Arc<Self>, attempt: Attempt) -> Result<(), Refusal> {
        self.write_down(move |writing| {
            for (of, hash) in &attempt.counted {
                match (of, writing.reading().failures(*of, hash)?) {
                    (Counted::Source, Some(failures)) if failures.count > 1 => {
                        writing.put_failures(*of, hash, &Failures { count: failures.count - 1, ..failures })?;
                    }
                    _ => writing.forget_failures(*of, hash)?,
                }
            }
            Ok(())
        })
        .await
    }

    /// Reads the store at one moment, on nobody's behalf.
    pub(super) async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Reading<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.reads.acquire().await.map_err(|error| Refusal::fault("reads have ended", &error))?;
        let own = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || own.store.read(read)).await;
        done.unwrap_or_else(|error| Err(Refusal::fault("a read was not finished", &error)))
    }

    /// Writes what the journal does not hold.
    pub(super) async fn write_down<T: Send + 'static>(
        self: &Arc<Self>,
        write: impl FnOnce(&mut Writing<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let own = Arc::clone(self);
        let work = move || own.store.write(&PrincipalId::local().actor(), own.clock.now(), write);
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(Refusal::fault("a write was not finished", &error)))
    }
}

fn allow(reading: &Reading<'_>, counted: &[(Counted, String)], now: Timestamp) -> Result<(), Refusal> {
    let mut longest = None;
    for (of, hash) in counted {
        let wait = reading.failures(*of, hash)?.and_then(|failures| failures.wait(*of, now));
        longest = longest.max(wait);
    }
    longest.map_or(Ok(()), |wait: SignedDuration| {
        let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
        let detail = format!("There were too many attempts that failed. Try again in {seconds} s.");
        Err(Refusal::new(ErrorCode::TooManyAttempts, detail).with("retry_after_seconds", seconds))
    })
}

/// Says in the log that something of no weight could not be written.
pub(super) fn told(error: &Refusal) {
    if error.code != ErrorCode::TooManyAttempts {
        tracing::warn!(%error, "the use of a session or an API token, or a failed attempt, was not noted");
    }
}
