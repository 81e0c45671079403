//! The keys and tokens that callers of an inference URL show.

use domain::credential::Key;
use domain::id::DeploymentName;
use domain::wire::{IssueToken, KeysView, TokenView};
use serde_json::json;

use super::Failure;

/// The two keys of a deployment.
pub(crate) async fn keys(name: &DeploymentName) -> Result<KeysView, Failure> {
    super::get(&format!("/deployments/{name}/keys")).await
}

/// Makes a key anew: the one before is no longer accepted.
pub(crate) async fn rotate(name: &DeploymentName, key: Key) -> Result<(), Failure> {
    super::tell(&format!("/deployments/{name}/keys/{key}/regenerate"), &json!({})).await
}

/// A new token that is accepted for so long, as `24h`.
pub(crate) async fn issue(name: &DeploymentName, ttl: String) -> Result<TokenView, Failure> {
    super::post(&format!("/deployments/{name}/tokens"), &IssueToken { ttl: Some(ttl) }).await
}

/// Lets no token that was made until now be accepted any more.
pub(crate) async fn revoke(name: &DeploymentName) -> Result<(), Failure> {
    super::delete(&format!("/deployments/{name}/tokens")).await
}
