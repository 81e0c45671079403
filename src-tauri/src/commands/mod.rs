//! What an operator can do, one file each: check with `domain`, then one transaction writes intent and event.
//!
//! A refused command changes nothing. The engine is not called from here; the committed event wakes it.

mod create_configuration;
mod create_deployment;
mod credentials;
mod delete_deployment;
mod move_rollout;
mod patch_deployment;
mod refusal;
mod register_model;
mod rehearse;
mod rollback;
mod start_rollout;

pub use create_configuration::{Selection, create_configuration};
pub use create_deployment::create_deployment;
pub use credentials::{issue_token, keys, regenerate_key, revoke_tokens};
pub use delete_deployment::delete_deployment;
pub use move_rollout::move_rollout;
pub use patch_deployment::patch_deployment;
pub use refusal::Refusal;
pub use register_model::register_model;
pub use rehearse::rehearse;
pub use rollback::rollback;
pub use start_rollout::{Started, start_rollout};

use domain::deployment::{OperationKind, TargetStatus};
use domain::id::Generation;
use domain::wire::ErrorCode;
use ulid::Ulid;

use crate::store::Reading;
use crate::store::tables::deployments::DeploymentRow;

/// A new opaque id.
fn new_id() -> String {
    Ulid::new().to_string().to_lowercase()
}

/// The deployment that a request names, by name or id.
///
/// # Errors
/// `not_found`.
pub fn find(reading: &Reading<'_>, name_or_id: &str) -> Result<DeploymentRow, Refusal> {
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
fn check_generation(row: &DeploymentRow, expected: Option<Generation>) -> Result<(), Refusal> {
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

/// Refuses a second operation while one is in progress, saying whose (AZ-4).
fn check_idle(reading: &Reading<'_>, row: &DeploymentRow) -> Result<(), Refusal> {
    if row.target_status == TargetStatus::Deleted {
        return Err(in_progress(row, OperationKind::Delete, None));
    }
    let Some(number) = row.rollout else { return Ok(()) };
    let rollout = reading.rollout(&row.id, number)?;
    let kind = if row.good.is_none() { OperationKind::Create } else { OperationKind::Update };
    Err(in_progress(row, kind, rollout.map(|rollout| (rollout.number, rollout.actor, rollout.started_at))))
}

fn in_progress(
    row: &DeploymentRow,
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
