//! The lists that a deployment can be shown with.

use serde::Deserialize;

use crate::api::Include;
use crate::http::requests::Many;

/// Lists that are shown only when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lists {
    /// Every replica.
    Replicas,
    /// Every revision, those still being deployed included.
    Revisions,
}

/// The lists that a request asked for.
pub(super) fn included(lists: &Many<Lists>) -> Include {
    Include { replicas: lists.has(&Lists::Replicas), revisions: lists.has(&Lists::Revisions) }
}
