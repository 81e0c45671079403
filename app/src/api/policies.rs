//! Policies, and the question which of them a change meets.

use domain::id::PolicyId;
use domain::policy::PolicyTerms;
use domain::wire::{MatchPolicies, Matched, PolicyView};

use super::Failure;

/// Every policy.
pub(crate) async fn list() -> Result<Vec<PolicyView>, Failure> {
    super::all("/policies").await
}

/// Makes a policy, or gives one other terms.
pub(crate) async fn save(id: Option<&PolicyId>, terms: &PolicyTerms) -> Result<(), Failure> {
    match id {
        Some(id) => super::put(&format!("/policies/{id}"), terms).await,
        None => super::tell("/policies", terms).await,
    }
}

/// Removes a policy.
pub(crate) async fn delete(id: &PolicyId) -> Result<(), Failure> {
    super::delete(&format!("/policies/{id}")).await
}

/// The policies and freezes that a change meets now.
pub(crate) async fn matched(asked: &MatchPolicies) -> Result<Matched, Failure> {
    super::ask("/policies/match", asked).await
}
