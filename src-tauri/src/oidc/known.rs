//! What the provider says of itself: read when it is needed first, and again from time to time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{DiscoveryError, IssuerUrl, ProviderMetadataWithLogout};
use tokio::time::Instant;

use super::client::{HttpError, Web};
use crate::api::Unvouched;

/// The time for which it holds, as long as the provider uses no other key.
const RECENT: Duration = Duration::from_secs(3_600);

/// The provider's addresses, abilities and keys.
pub(super) struct Known {
    pub(super) metadata: ProviderMetadataWithLogout,
    read_at: Instant,
}

impl Known {
    /// The keys by which its tokens are signed.
    pub(super) fn keys(&self) -> CoreJsonWebKeySet {
        self.metadata.jwks().clone()
    }
}

/// What is known of the provider. However many ask, one reads it.
#[derive(Default)]
pub(super) struct Knowledge {
    last: Mutex<Option<Arc<Known>>>,
    /// Held by whoever reads it: why that did not work the last time.
    reading: tokio::sync::Mutex<Option<Unvouched>>,
    /// The number of times that it was read, or was to be.
    times: AtomicU64,
}

impl Knowledge {
    /// What was read last, however long ago.
    pub(super) fn last(&self) -> Option<Arc<Known>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was read within the hour; what was read before, where the provider does not answer now.
    ///
    /// # Errors
    /// [`Unvouched::Unavailable`].
    pub(super) async fn recent(&self, issuer: &IssuerUrl, web: &Web) -> Result<Arc<Known>, Unvouched> {
        match self.last() {
            Some(known) if known.read_at.elapsed() < RECENT => Ok(known),
            Some(known) => Ok(self.read(issuer, web).await.unwrap_or(known)),
            None => self.read(issuer, web).await,
        }
    }

    /// What is read after `before`.
    ///
    /// # Errors
    /// [`Unvouched::Unavailable`].
    pub(super) async fn anew(
        &self,
        before: &Arc<Known>,
        issuer: &IssuerUrl,
        web: &Web,
    ) -> Result<Arc<Known>, Unvouched> {
        match self.last() {
            Some(known) if !Arc::ptr_eq(&known, before) => Ok(known),
            _ => self.read(issuer, web).await,
        }
    }

    /// Reads it, or waits for somebody who does, whose outcome counts for all who waited.
    async fn read(&self, issuer: &IssuerUrl, web: &Web) -> Result<Arc<Known>, Unvouched> {
        let seen = self.times.load(Ordering::SeqCst);
        let mut failure = self.reading.lock().await;
        if self.times.load(Ordering::SeqCst) == seen {
            self.times.fetch_add(1, Ordering::SeqCst);
            *failure = self.look(issuer, web).await.err();
        }
        let unknown = || Unvouched::Unavailable("whoever read it broke off".to_owned());
        failure.clone().map_or_else(|| self.last().ok_or_else(unknown), Err)
    }

    async fn look(&self, issuer: &IssuerUrl, web: &Web) -> Result<(), Unvouched> {
        let metadata = ProviderMetadataWithLogout::discover_async(issuer.clone(), web).await;
        let metadata = metadata.map_err(|error| Unvouched::Unavailable(sentence(error)))?;
        // A page goes there: it must be the address of another page, and nothing that runs here.
        let page = metadata.authorization_endpoint().url();
        if !web.may_ask(page.as_str()) {
            return Err(Unvouched::Unavailable(format!("its page to sign in is at a {}: address", page.scheme())));
        }
        let known = Known { metadata, read_at: Instant::now() };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
        Ok(())
    }
}

fn sentence(error: DiscoveryError<HttpError>) -> String {
    let what = match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Parse(error) => error.to_string(),
        error => error.to_string(),
    };
    format!("what it says of itself: {what}")
}
