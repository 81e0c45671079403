//! The roles that people have on a deployment.

use domain::access::Role;
use domain::id::DeploymentName;
use domain::principal::PrincipalId;
use domain::wire::{AccessView, GiveRole};

use super::Failure;

/// The roles that were given on a deployment.
pub(crate) async fn read(name: &DeploymentName) -> Result<AccessView, Failure> {
    super::get(&format!("/deployments/{name}/access")).await
}

/// Gives somebody a role, or takes it back.
pub(crate) async fn give(name: &DeploymentName, principal: PrincipalId, role: Option<Role>) -> Result<(), Failure> {
    super::patch(&format!("/deployments/{name}/access"), &GiveRole { principal, role }).await
}
