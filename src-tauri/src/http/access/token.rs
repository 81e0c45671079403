//! The server's own token, of which a hash is kept here.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A secret. Only a hash of it is kept here, and it is never shown.
pub(super) struct Token(Option<[u8; 32]>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// An empty token is no token: nothing is equal to it.
    pub(super) fn new(token: &str) -> Self {
        Self((!token.is_empty()).then(|| Sha256::digest(token).into()))
    }

    /// True when `given` is the token; takes the same time wherever the two differ.
    pub(super) fn is(&self, given: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        self.0.is_some_and(|hash| bool::from(hash.ct_eq(&given)))
    }
}
