//! Makes a deployment with its first configuration, and starts its first rollout.

use domain::deployment::parse_ttl;
use domain::event::Event;
use domain::id::{DeploymentId, RevisionNumber, RolloutNumber};
use domain::wire::{CreateDeployment, ErrorCode};
use jiff::SignedDuration;

use super::create_configuration::create_configuration;
use super::rehearse::plan_hash;
use super::{Refusal, new_id};
use crate::store::Writing;
use crate::store::tables::deployments::DeploymentRow;

/// Most deployments of one server.
const MOST: u64 = 20_000;

/// Makes it; answers its row.
///
/// # Errors
/// `name_taken`, `invalid_field`, `unknown_model`; those of the store.
pub fn create_deployment(writing: &mut Writing<'_>, request: CreateDeployment) -> Result<DeploymentRow, Refusal> {
    request.strategy.check()?;
    let expires_at = match &request.ttl {
        None => None,
        Some(ttl) => {
            let seconds = parse_ttl(ttl).ok_or_else(|| {
                Refusal::invalid(
                    "ttl",
                    "ttl is a number and a unit, as in 10m, 24h or 7d, from one minute to 365 days.",
                )
            })?;
            Some(writing.now() + SignedDuration::from_secs(seconds.into()))
        }
    };
    let reading = writing.reading();
    if reading.deployment_called(request.name.as_str())?.is_some() {
        return Err(Refusal::new(
            ErrorCode::NameTaken,
            format!("There is a deployment \"{}\" already. Choose another name, or update that one.", request.name),
        )
        .with("field", "name"));
    }
    if reading.deployment_count()? >= MOST {
        return Err(Refusal::invalid("name", format!("A server holds at most {MOST} deployments.")));
    }
    let id: DeploymentId =
        new_id().parse().map_err(|error| Refusal::new(ErrorCode::Internal, format!("no id could be made: {error}")))?;
    writing.append(
        Some(&id),
        Event::DeploymentCreated {
            name: request.name.clone(),
            target: request.target,
            importance: request.importance,
            on_failure: request.on_failure,
            expires_at,
        },
    )?;
    let row = written(writing, &id)?;
    let configuration = create_configuration(writing, &row, request.configuration)?;
    let started = Event::RolloutStarted {
        number: RolloutNumber(1),
        to_revision: RevisionNumber(1),
        configuration: configuration.id,
        from_revision: None,
        strategy: request.strategy,
        reason: None,
        note: None,
        plan_hash: plan_hash(&configuration.configuration, None, &request.strategy),
        supersedes: None,
    };
    writing.append(Some(&id), started)?;
    written(writing, &id)
}

fn written(writing: &Writing<'_>, id: &DeploymentId) -> Result<DeploymentRow, Refusal> {
    let row = writing.reading().deployment(id)?;
    row.ok_or_else(|| Refusal::new(ErrorCode::Internal, "The deployment was made but cannot be read."))
}
