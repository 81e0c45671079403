//! Removes a model version that nobody needs any more (AZ-1). Its number is not used again; its history stays.

use std::fmt::Write as _;

use domain::access::{Role, ServerAction};
use domain::event::Event;
use domain::id::{ModelRef, RevisionNumber};
use domain::ledger::Deployment;
use domain::wire::ErrorCode;
use serde_json::json;

use super::{Act, Refusal};

/// Removes it from the registry. Its artifact is the caller's to remove, when no other version has its digest.
///
/// # Errors
/// `model_in_use` while a deployment could run it: its configuration in use binds it, a revision that it could go back
/// to, or a check that has not ended. Those of the store.
pub fn delete_model(act: &mut Act<'_, '_>, model: &ModelRef) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::RegisterModel)?;
    let bindings = act.reading().bindings(model)?;
    if !bindings.is_empty() {
        return Err(in_use(act, model, bindings)?);
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

/// The refusal; deployments that the caller may not see are not named in it.
fn in_use(
    act: &Act<'_, '_>,
    model: &ModelRef,
    bindings: Vec<(Deployment, RevisionNumber)>,
) -> Result<Refusal, Refusal> {
    let rights = act.moment().rights()?;
    let all = bindings.len();
    let seen =
        |(row, _): &(Deployment, RevisionNumber)| rights.on(&row.id, &row.access, false).role >= Some(Role::User);
    let bindings: Vec<_> = bindings.into_iter().filter(seen).collect();
    let hidden = bindings.len() < all;
    let (used, past): (Vec<_>, Vec<_>) = bindings.iter().partition(|(row, revision)| row.holds(*revision));
    let mut deployments: Vec<&str> = bindings.iter().map(|(row, _)| row.name.as_str()).collect();
    deployments.dedup();
    let mut sentence = format!("{model} cannot be deleted.");
    if hidden {
        sentence.push_str(" Deployments that you may not see use it, or could go back to it.");
    }
    if !used.is_empty() {
        let mut names: Vec<&str> = used.iter().map(|(row, _)| row.name.as_str()).collect();
        names.dedup();
        let _ = write!(sentence, " It is in use by {}: move to another version first.", names.join(", "));
    }
    if !past.is_empty() {
        let revisions: Vec<String> = past.iter().map(|(row, revision)| format!("{revision} of {}", row.name)).collect();
        let _ = write!(
            sentence,
            " It can be gone back to with revision {}: remove that revision first, or the deployment.",
            revisions.join(", ")
        );
    }
    let revision = |(row, revision): &(Deployment, RevisionNumber)| json!({"deployment": row.name, "revision": revision, "in_use": row.holds(*revision)});
    let revisions: Vec<_> = bindings.iter().map(revision).collect();
    Ok(Refusal::new(ErrorCode::ModelInUse, sentence).with("deployments", deployments).with("revisions", revisions))
}
