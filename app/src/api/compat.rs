//! Compatibility: comparing two models, and checking a candidate beside its deployment.

use domain::compat::Report;
use domain::id::DeploymentName;
use domain::wire::{CheckView, CompareModels, Page, StartCheck};

use super::Failure;

/// The compatibility report on one model version replacing another.
pub(crate) async fn compare(models: &CompareModels) -> Result<Report, Failure> {
    super::ask("/compat", models).await
}

/// Has a candidate tried in a scratch replica.
pub(crate) async fn start_check(name: &DeploymentName, check: &StartCheck) -> Result<CheckView, Failure> {
    super::post(&format!("/deployments/{name}/checks"), check).await
}

/// The newest checks of a deployment, newest first.
pub(crate) async fn checks(name: &DeploymentName, limit: u32) -> Result<Vec<CheckView>, Failure> {
    let page: Page<CheckView> = super::get(&format!("/deployments/{name}/checks?limit={limit}")).await?;
    Ok(page.items)
}
