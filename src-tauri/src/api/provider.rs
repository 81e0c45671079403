//! The identity provider, as far as signing in depends on it.

use std::fmt;
use std::sync::Arc;

use domain::provider::{Admission, Vouched};
use domain::secret::Secret;
use futures_util::future::BoxFuture;

/// Somebody else who knows who people are.
///
/// Guarantee: nothing that it vouches for is the word of a browser alone.
pub trait IdentityProvider: Send + Sync {
    /// Its name, for people to read.
    fn name(&self) -> &str;

    /// Its address, which names it for good.
    fn issuer(&self) -> &str;

    /// The address at which somebody signs out there, where it is known. Answered from memory.
    fn sign_out(&self) -> Option<String>;

    /// The way there, from which `redirect` is the way back. `asks_again`: it asks who somebody is, although it knows.
    ///
    /// # Errors
    /// [`Unvouched::Unavailable`].
    fn begin<'a>(&'a self, redirect: &'a str, asks_again: bool) -> BoxFuture<'a, Result<SetOut, Unvouched>>;

    /// Who has come back from there.
    ///
    /// # Errors
    /// [`Unvouched`].
    fn vouch<'a>(
        &'a self,
        code: &'a Secret,
        redirect: &'a str,
        begun: &'a SetOut,
    ) -> BoxFuture<'a, Result<Vouched, Unvouched>>;
}

/// The identity provider that is configured, and whom it lets in.
#[derive(Clone)]
pub struct Vouching {
    /// The provider.
    pub provider: Arc<dyn IdentityProvider>,
    /// Who is let in.
    pub admission: Admission,
}

impl fmt::Debug for Vouching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vouching({})", self.provider.issuer())
    }
}

/// Somebody is on their way to the provider: what belongs to this one way.
#[derive(Clone, Debug)]
pub struct SetOut {
    /// The address to which their browser goes.
    pub location: String,
    /// Comes back with them.
    pub state: Secret,
    /// Stands in what the provider says of them.
    pub nonce: Secret,
    /// Shows the provider that whoever asks is who sent them.
    pub verifier: Secret,
}

/// The reasons for which the provider vouches for nobody. The cause is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unvouched {
    /// It does not answer, or not as an identity provider does.
    #[error("{0}")]
    Unavailable(String),
    /// What it answered proves nothing.
    #[error("{0}")]
    Unproven(String),
}
