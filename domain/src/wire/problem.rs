//! Refusals as they travel: the problem response.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error_code::ErrorCode;

/// A problem response (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: `urn:changeover:problem:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// A sentence that says what happened, why, and what to do.
    pub detail: String,
    /// The kind in one word.
    pub code: ErrorCode,
    /// What the code needs besides: `operation`, `actor`, `since`, `field`, …
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub more: BTreeMap<String, Value>,
}
