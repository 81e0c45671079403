//! The answer of both health routes.

use serde::Serialize;
use utoipa::ToSchema;

/// The health of the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct HealthView {
    /// `ok`, `degraded` or `not_ready`.
    pub(super) status: &'static str,
    /// The fault and what to do about it, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}
