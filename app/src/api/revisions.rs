//! Revisions: quarantining and removing them.

use domain::id::{DeploymentName, RevisionNumber};
use domain::wire::QuarantineNote;

use super::Failure;

fn path(name: &DeploymentName, number: RevisionNumber) -> String {
    format!("/deployments/{name}/revisions/{number}")
}

/// Quarantines a revision: it is known to be bad.
pub(crate) async fn quarantine(name: &DeploymentName, number: RevisionNumber, note: String) -> Result<(), Failure> {
    super::tell(&format!("{}/quarantine", path(name, number)), &QuarantineNote { note }).await
}

/// Lifts the quarantine of a revision.
pub(crate) async fn lift(name: &DeploymentName, number: RevisionNumber, note: String) -> Result<(), Failure> {
    super::delete_with(&format!("{}/quarantine", path(name, number)), &QuarantineNote { note }).await
}

/// Removes a revision, so that nobody can go back to it any more.
pub(crate) async fn remove(name: &DeploymentName, number: RevisionNumber) -> Result<(), Failure> {
    super::delete(&path(name, number)).await
}
