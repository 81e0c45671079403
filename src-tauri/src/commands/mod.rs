//! What an operator can do, one file each: check with `domain`, then one transaction writes intent and event.
//!
//! A refused command changes nothing. The engine is not called from here; the committed event wakes it.

mod capacity;
mod compat;
mod create_configuration;
mod create_deployment;
mod credentials;
mod deactivate;
mod delete_deployment;
mod delete_model;
mod move_rollout;
mod patch_deployment;
mod quarantine;
mod refusal;
mod register_model;
mod rehearse;
mod relaunch;
mod remove_revision;
mod rollback;
mod start_check;
mod start_rollout;

pub use compat::{check_report, compare_models};
pub use create_configuration::{Selection, create_configuration};
pub use create_deployment::create_deployment;
pub use credentials::{issue_token, keys, regenerate_key, revoke_tokens, token_until};
pub use deactivate::deactivate;
pub use delete_deployment::delete_deployment;
pub use delete_model::delete_model;
pub use move_rollout::move_rollout;
pub use patch_deployment::patch_deployment;
pub use quarantine::{lift_quarantine, quarantine};
pub use refusal::Refusal;
pub use register_model::{Artifact, Found, check_form, register_external, register_model};
pub use rehearse::rehearse;
pub use relaunch::{activate, relaunch};
pub use remove_revision::remove_revision;
pub use rollback::rollback;
pub use start_check::start_check;
pub use start_rollout::{Started, start_rollout};

use domain::deployment::{OperationKind, Status, TargetStatus, may, takes_over};
use domain::id::Generation;
use domain::rollout::RolloutKind;
use domain::wire::ErrorCode;
use ulid::Ulid;

use crate::store::{Reading, StoreError, Writing};
use domain::ledger::{Deployment, Rollout};

/// A new opaque id.
fn new_id() -> String {
    Ulid::new().to_string().to_lowercase()
}

/// The deployment that a request names, by name or id.
///
/// # Errors
/// `not_found`.
pub fn find(reading: &Reading<'_>, name_or_id: &str) -> Result<Deployment, Refusal> {
    let row = reading.deployment_called(name_or_id)?;
    row.ok_or_else(|| {
        let given: String = name_or_id.chars().take(80).collect();
        Refusal::new(
            ErrorCode::NotFound,
            format!("There is no deployment \"{given}\". GET /api/v1/deployments lists those there are."),
        )
    })
}

/// Refuses a write that was made on the basis of an older state (VX-10).
fn check_generation(row: &Deployment, expected: Option<Generation>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != row.generation => Err(Refusal::new(
            ErrorCode::PreconditionFailed,
            format!(
                "{} is at generation {}, the request was made for {expected}: somebody changed it in between. Read it again and decide anew.",
                row.name, row.generation
            ),
        )),
        _ => Ok(()),
    }
}

/// The operation in progress, with its rollout if it is one.
fn current(reading: &Reading<'_>, row: &Deployment) -> Result<Option<(OperationKind, Option<Rollout>)>, StoreError> {
    if row.target_status == TargetStatus::Deleted {
        return Ok(Some((OperationKind::Delete, None)));
    }
    if row.target_status == TargetStatus::Stopped && row.status == Status::Stopping {
        return Ok(Some((OperationKind::Deactivate, None)));
    }
    let Some(number) = row.rollout else { return Ok(None) };
    let rollout = reading.rollout(&row.id, number)?;
    Ok(Some((operation_of(row, rollout.as_ref()), rollout)))
}

/// Refuses a second operation while one is in progress, saying whose (AZ-4).
fn check_idle(reading: &Reading<'_>, row: &Deployment) -> Result<(), Refusal> {
    match current(reading, row)? {
        None => Ok(()),
        Some((kind, rollout)) => Err(in_progress(row, kind, rollout.map(|r| (r.number, r.actor, r.started_at)))),
    }
}

/// Ends what is in progress where `operation` takes over from it; else it waits for its turn.
fn take_over(writing: &mut Writing<'_>, row: &Deployment, operation: OperationKind) -> Result<(), Refusal> {
    match current(&writing.reading(), row)? {
        Some((kind, _)) if takes_over(operation, kind) => start_rollout::supersede(writing, row),
        _ => check_idle(&writing.reading(), row),
    }
}

/// What the rollout in progress does, as an operation.
pub fn operation_of(row: &Deployment, rollout: Option<&Rollout>) -> OperationKind {
    match rollout.map(|rollout| rollout.change.kind) {
        Some(RolloutKind::Relaunch) => OperationKind::Relaunch,
        Some(RolloutKind::Activate) => OperationKind::Activate,
        _ if row.last_good.is_none() => OperationKind::Create,
        _ => OperationKind::Update,
    }
}

/// Refuses an operation that the deployment's status forbids (SAP-4).
fn check_status(row: &Deployment, operation: OperationKind) -> Result<(), Refusal> {
    if may(operation, row.status) {
        return Ok(());
    }
    let status = format!("{:?}", row.status).to_lowercase();
    let sentence = match operation {
        OperationKind::Activate => "only a stopped deployment can be activated".to_owned(),
        other => {
            let word = format!("{other:?}").to_lowercase();
            let word = word.strip_suffix('e').unwrap_or(&word);
            format!("only a pending, running or dead deployment can be {word}ed")
        }
    };
    Err(Refusal::new(ErrorCode::StatusForbidsUpdate, format!("{} is {status}; {sentence}.", row.name))
        .with("deployment_status", status))
}

fn in_progress(
    row: &Deployment,
    kind: OperationKind,
    rollout: Option<(domain::id::RolloutNumber, domain::id::Actor, jiff::Timestamp)>,
) -> Refusal {
    let word = format!("{kind:?}").to_lowercase();
    let (number, actor, since) = match rollout {
        Some((number, actor, since)) => (Some(number), actor, since),
        None => (None, row.last_operation.actor.clone(), row.last_operation.at),
    };
    let advice = match number {
        Some(number) => format!(" Wait for rollout {number}, cancel it, or name it in on_top_of to take over from it."),
        None => String::new(),
    };
    Refusal::new(
        ErrorCode::OperationInProgress,
        format!("{} is in the middle of an operation ({word}), started by {actor} at {since}.{advice}", row.name),
    )
    .with("operation", word)
    .with("actor", actor.as_str())
    .with("since", since.to_string())
    .with("rollout", number.map(|number| number.0))
}

/// Refuses a note or description that is too long.
fn check_text(field: &'static str, text: Option<&str>) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().count() > 2_000 => {
            Err(Refusal::invalid(field, format!("{field} may hold at most 2,000 characters.")))
        }
        _ => Ok(()),
    }
}
