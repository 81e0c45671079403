//! The credentials that callers of an inference URL have to show: keys and tokens (AZ-3).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A deployment's keys. Either is accepted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeysView {
    /// The first.
    pub primary: String,
    /// The second.
    pub secondary: String,
}

/// Asks for a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssueToken {
    /// `10m`, `24h`, `7d`: how long it is accepted, 1 minute to 365 days. Default `1h`.
    pub ttl: Option<String>,
}

/// A token that has just been made. It is kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// What callers send.
    pub token: String,
    /// From when on it is not accepted any more.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
}

// Whoever prints one of them into a log by mistake prints no secret.
impl fmt::Debug for KeysView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeysView(…)")
    }
}

impl fmt::Debug for TokenView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenView").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
