//! Makes a deployment with its first configuration, and starts its first rollout.

use domain::access::ServerAction;
use domain::deployment::{About, Terms, parse_ttl};
use domain::event::Event;
use domain::id::{DeploymentId, TargetName};
use domain::rehearsal::Running;
use domain::rollout::RolloutKind;
use domain::wire::{CreateDeployment, ErrorCode};
use jiff::SignedDuration;

use super::capacity::{beginning_with, fitting};
use super::create_configuration::first;
use super::patch_deployment::{challengers_exist, check_about};
use super::start_rollout::begin;
use super::{Act, Refusal, new_id};
use domain::ledger::Deployment;

/// Most deployments of one server.
const MOST: u64 = 20_000;

/// Makes it; answers its row.
///
/// # Errors
/// `name_taken`, `invalid_field`, `unknown_model`, `insufficient_capacity`; those of the store.
pub fn create_deployment(act: &mut Act<'_, '_>, request: CreateDeployment) -> Result<Deployment, Refusal> {
    act.allow_on_server(ServerAction::CreateDeployment)?;
    request.strategy.check()?;
    let targets = act.moment().machines.targets();
    if !targets.contains(&request.target) {
        let names: Vec<_> = targets.iter().map(TargetName::as_str).collect();
        let sentence =
            format!("There is no target \"{}\". Targets of this server: {}.", request.target, names.join(", "));
        return Err(Refusal::invalid("target", sentence));
    }
    let about = About {
        description: request.description,
        tags: request.tags,
        properties: request.properties,
        checks: request.checks,
    };
    check_about(&about)?;
    challengers_exist(&act.reading(), &about.checks.challengers, &[])?;
    let expires_at = match &request.ttl {
        None => None,
        Some(ttl) => {
            let seconds = parse_ttl(ttl).ok_or_else(|| {
                Refusal::invalid(
                    "ttl",
                    "ttl is a number and a unit, as in 10m, 24h or 7d, from one minute to 365 days.",
                )
            })?;
            Some(act.writing.now() + SignedDuration::from_secs(seconds.into()))
        }
    };
    let reading = act.reading();
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
    act.writing.append(
        Some(&id),
        Event::DeploymentCreated {
            name: request.name.clone(),
            target: request.target,
            expires_at,
            default_access: request.default_access,
            terms: Terms {
                importance: request.importance,
                on_failure: request.on_failure,
                strategy: request.strategy,
                about,
            },
        },
    )?;
    let row = written(act, &id)?;
    let configuration = first(act, &row, request.configuration)?;
    let candidate = &configuration.configuration;
    let desired = beginning_with(&row, None, candidate);
    fitting(act.moment(), &row, candidate, desired, Running::Replaced, request.strategy)?;
    let change = row.change_to(RolloutKind::Update, configuration.id.clone(), candidate, desired);
    begin(act, &row, candidate, change)?;
    written(act, &id)
}

fn written(act: &Act<'_, '_>, id: &DeploymentId) -> Result<Deployment, Refusal> {
    let row = act.reading().deployment(id)?;
    row.ok_or_else(|| Refusal::new(ErrorCode::Internal, "The deployment was made but cannot be read."))
}
