//! Use cases, and the deployments that are linked to them.

use domain::id::{DeploymentName, UseCaseId};
use domain::use_case::UseCaseTerms;
use domain::wire::{UseCaseChange, UseCaseView};
use serde_json::json;

use super::Failure;

/// Every use case that the caller sees.
pub(crate) async fn list() -> Result<Vec<UseCaseView>, Failure> {
    super::all("/use-cases").await
}

/// One use case.
pub(crate) async fn read(id: &UseCaseId) -> Result<UseCaseView, Failure> {
    super::get(&format!("/use-cases/{id}")).await
}

/// Makes a use case.
pub(crate) async fn create(terms: &UseCaseTerms) -> Result<UseCaseView, Failure> {
    super::post("/use-cases", terms).await
}

/// Changes the name or the description of a use case.
pub(crate) async fn change(id: &UseCaseId, change: &UseCaseChange) -> Result<(), Failure> {
    super::patch(&format!("/use-cases/{id}"), change).await
}

/// Removes a use case. Its deployments stay.
pub(crate) async fn delete(id: &UseCaseId) -> Result<(), Failure> {
    super::delete(&format!("/use-cases/{id}")).await
}

/// Links a deployment to a use case.
pub(crate) async fn link(id: &UseCaseId, deployment: &DeploymentName) -> Result<(), Failure> {
    super::put(&format!("/use-cases/{id}/deployments/{deployment}"), &json!({})).await
}

/// Takes a deployment out of a use case.
pub(crate) async fn unlink(id: &UseCaseId, deployment: &DeploymentName) -> Result<(), Failure> {
    super::delete(&format!("/use-cases/{id}/deployments/{deployment}")).await
}
