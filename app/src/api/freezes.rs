//! Freezes, and the times at which they hold.

use domain::freeze::FreezeTerms;
use domain::id::FreezeId;
use domain::wire::{FreezeView, OccurrencesView};
use jiff::Timestamp;
use serde_json::json;

use super::{Failure, escape};

/// Every freeze.
pub(crate) async fn list() -> Result<Vec<FreezeView>, Failure> {
    super::all("/freezes").await
}

/// Makes a freeze, or gives one other terms.
pub(crate) async fn save(id: Option<&FreezeId>, terms: &FreezeTerms) -> Result<(), Failure> {
    match id {
        Some(id) => super::put(&format!("/freezes/{id}"), terms).await,
        None => super::tell("/freezes", terms).await,
    }
}

/// Removes a freeze.
pub(crate) async fn delete(id: &FreezeId) -> Result<(), Failure> {
    super::delete(&format!("/freezes/{id}")).await
}

/// Turns a switch off.
pub(crate) async fn lift(id: &FreezeId) -> Result<(), Failure> {
    super::tell(&format!("/freezes/{id}/lift"), &json!({})).await
}

/// The occurrences that reach into a stretch of time.
pub(crate) async fn occurrences(id: &FreezeId, from: Timestamp, until: Timestamp) -> Result<OccurrencesView, Failure> {
    let (from, until) = (escape(&from.to_string()), escape(&until.to_string()));
    super::get(&format!("/freezes/{id}/occurrences?from={from}&until={until}")).await
}
