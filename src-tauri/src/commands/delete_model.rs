//! Removes a model version that nobody needs any more (AZ-1). Its number is not used again; its history stays.

use std::fmt::Write as _;

use domain::event::Event;
use domain::id::ModelRef;
use domain::wire::ErrorCode;
use serde_json::json;

use super::{Act, Refusal};
use crate::store::tables::models::Binding;

/// Removes it from the registry. Its artifact is the caller's to remove, when no other version has its digest.
///
/// # Errors
/// `model_in_use` while a deployment could run it: its configuration in use binds it, a revision that it could go back
/// to, or a check that has not ended. Those of the store.
pub fn delete_model(act: &mut Act<'_, '_>, model: &ModelRef) -> Result<(), Refusal> {
    let bindings = act.reading().bindings(model)?;
    if !bindings.is_empty() {
        return Err(in_use(model, &bindings));
    }
    let checks = act.reading().open_checks()?;
    if checks.iter().any(|check| check.configuration.models.contains(model)) {
        return Err(Refusal::new(
            ErrorCode::ModelInUse,
            format!("{model} is being checked as a candidate. Delete it when the check has ended."),
        ));
    }
    act.writing.append(None, Event::ModelDeleted { model: model.clone() })?;
    Ok(())
}

fn in_use(model: &ModelRef, bindings: &[Binding]) -> Refusal {
    let (used, past): (Vec<_>, Vec<_>) = bindings.iter().partition(|binding| binding.in_use);
    let mut deployments: Vec<&str> = bindings.iter().map(|binding| binding.deployment.as_str()).collect();
    deployments.dedup();
    let mut sentence = format!("{model} cannot be deleted.");
    if !used.is_empty() {
        let mut names: Vec<&str> = used.iter().map(|binding| binding.deployment.as_str()).collect();
        names.dedup();
        let _ = write!(sentence, " It is in use by {}: move to another version first.", names.join(", "));
    }
    if !past.is_empty() {
        let of = |binding: &&Binding| format!("{} of {}", binding.revision, binding.deployment);
        let revisions: Vec<String> = past.iter().map(of).collect();
        let _ = write!(
            sentence,
            " It can be gone back to with revision {}: remove that revision first, or the deployment.",
            revisions.join(", ")
        );
    }
    let revisions: Vec<_> = bindings
        .iter()
        .map(
            |binding| json!({"deployment": binding.deployment, "revision": binding.revision, "in_use": binding.in_use}),
        )
        .collect();
    Refusal::new(ErrorCode::ModelInUse, sentence).with("deployments", deployments).with("revisions", revisions)
}
