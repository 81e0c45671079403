//! Makes a deployment with its first configuration, and starts its first rollout.

use domain::access::ServerAction;
use domain::deployment::{About, Terms, parse_ttl};
use domain::event::Event;
use domain::exact_plan::{ExactPlan, PlanApply, ValueChange};
use domain::id::{DeploymentId, RequestId, RolloutNumber, TargetName};
use domain::policy::GatedAction;
use domain::rehearsal::Running;
use domain::requested::{NewDeployment, RequestedChange, Warrant};
use domain::rollout::RolloutKind;
use domain::wire::{CreateDeployment, ErrorCode, FirstConfiguration};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::ask::ask;
use super::capacity::{beginning_with, fitting};
use super::create_configuration::{create_configuration, first, free};
use super::gate::{Gated, NO_USE_CASES, Way, When};
use super::patch_deployment::{challengers_exist, check_about};
use super::start_rollout::begin;
use super::{Act, Moment, Refusal, new_id};
use domain::ledger::Deployment;

/// Most deployments of one server.
const MOST: u64 = 20_000;

/// The outcome of the request.
#[derive(Debug)]
pub enum Created {
    /// It was made.
    Made(Box<Deployment>),
    /// It was asked for: nothing runs, and its name is kept free, until it is approved.
    Asked(RequestId),
}

/// Makes it, or asks for it.
///
/// # Errors
/// `name_taken`, `invalid_field`, `unknown_model`, `insufficient_capacity`, `approval_required`, `frozen`; those of the
/// store.
pub fn create_deployment(act: &mut Act<'_, '_>, request: CreateDeployment) -> Result<Created, Refusal> {
    let when = When::of(&request.apply, act.writing.now())?;
    check(act, &request)?;
    let gated = Gated {
        deployment: None,
        name: &request.name,
        actions: &[GatedAction::Create],
        importance: request.importance,
        use_cases: &NO_USE_CASES,
        freezes: true,
    };
    match act.gate(&gated, when, request.break_glass.as_ref())? {
        Way::On(warrant) => make(act, request, warrant, None).map(|row| Created::Made(Box::new(row))),
        Way::Ask(mode, met) => {
            let new = asked(act, request)?;
            let plan = plan(act.moment(), &new, (&mode).into())?;
            let content = RequestedChange {
                plan,
                configuration: Some(new.configuration.clone()),
                rolled_back_to: None,
                terms: None,
                create: Some(Box::new(new)),
                bounds: None,
                tried_at: None,
            };
            ask(act, None, content, mode, &met).map(Created::Asked)
        }
    }
}

/// The deployment that somebody asks for, with its configuration kept without one.
fn asked(act: &mut Act<'_, '_>, request: CreateDeployment) -> Result<NewDeployment, Refusal> {
    let terms = terms(&request);
    let configuration = match request.configuration {
        FirstConfiguration::Made(id) => free(&act.reading(), &id)?.id,
        FirstConfiguration::New(configuration) => create_configuration(act, None, *configuration)?.id,
    };
    let CreateDeployment { name, target, ttl, default_access, .. } = request;
    Ok(NewDeployment { name, target, ttl, terms, default_access, configuration })
}

/// The plan of a deployment that is asked for, as it comes out now.
///
/// # Errors
/// Its configuration is gone; those of the store.
pub(super) fn plan(moment: Moment<'_>, new: &NewDeployment, apply: PlanApply) -> Result<ExactPlan, Refusal> {
    let configuration = free(&moment.reading, &new.configuration)?;
    let of = |value: Value| ValueChange { old: Value::Null, new: value };
    let values = [
        ("name", json!(new.name)),
        ("target", json!(new.target)),
        ("ttl", json!(new.ttl)),
        ("importance", json!(new.terms.importance)),
        ("about", json!(new.terms.about)),
        ("default_access", json!(new.default_access)),
    ];
    Ok(ExactPlan {
        to: Some(moment.goal(&configuration.configuration)?),
        strategy: Some(new.terms.strategy),
        on_failure: Some(new.terms.on_failure),
        values: values.into_iter().map(|(name, value)| (name.to_owned(), of(value))).collect(),
        ..ExactPlan::new(GatedAction::Create, None, None, apply)
    })
}

/// Makes what was asked for.
pub(super) fn carry_out(
    act: &mut Act<'_, '_>,
    new: &NewDeployment,
    plan: &ExactPlan,
    warrant: Warrant,
) -> Result<RolloutNumber, Refusal> {
    let new = new.clone();
    let about = new.terms.about;
    let request = CreateDeployment {
        name: new.name,
        target: new.target,
        importance: new.terms.importance,
        ttl: new.ttl,
        on_failure: new.terms.on_failure,
        configuration: FirstConfiguration::Made(new.configuration),
        strategy: new.terms.strategy,
        description: about.description,
        tags: about.tags,
        properties: about.properties,
        checks: about.checks,
        default_access: new.default_access,
        apply: Default::default(),
        break_glass: None,
    };
    check_rest(act, &request)?;
    Ok(make(act, request, warrant, Some(plan.clone()))?.newest_rollout)
}

fn terms(request: &CreateDeployment) -> Terms {
    let about = About {
        description: request.description.clone(),
        tags: request.tags.clone(),
        properties: request.properties.clone(),
        checks: request.checks.clone(),
    };
    Terms { importance: request.importance, on_failure: request.on_failure, strategy: request.strategy, about }
}

/// Refuses what cannot be made.
fn check(act: &Act<'_, '_>, request: &CreateDeployment) -> Result<(), Refusal> {
    check_rest(act, request)?;
    if act.reading().name_is_asked_for(&request.name)? {
        return Err(Refusal::new(
            ErrorCode::NameTaken,
            format!("Somebody has asked for a deployment \"{}\", so the name is reserved.", request.name),
        )
        .with("field", "name"));
    }
    Ok(())
}

/// The same, but for the name being asked for.
fn check_rest(act: &Act<'_, '_>, request: &CreateDeployment) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::CreateDeployment)?;
    request.strategy.check()?;
    let targets = act.moment().machines.targets();
    if !targets.contains(&request.target) {
        let names: Vec<_> = targets.iter().map(TargetName::as_str).collect();
        let sentence =
            format!("There is no target \"{}\". Targets of this server: {}.", request.target, names.join(", "));
        return Err(Refusal::invalid("target", sentence));
    }
    let about = terms(request).about;
    check_about(&about)?;
    challengers_exist(&act.reading(), &about.checks.challengers, &[])?;
    lifetime(request)?;
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
    Ok(())
}

/// Its time to live.
fn lifetime(request: &CreateDeployment) -> Result<Option<SignedDuration>, Refusal> {
    let Some(ttl) = &request.ttl else { return Ok(None) };
    let seconds = parse_ttl(ttl).ok_or_else(|| {
        Refusal::invalid("ttl", "ttl is a number and a unit, as in 10m, 24h or 7d, from one minute to 365 days.")
    })?;
    Ok(Some(SignedDuration::from_secs(seconds.into())))
}

/// Makes it; answers its row.
fn make(
    act: &mut Act<'_, '_>,
    request: CreateDeployment,
    warrant: Warrant,
    approved: Option<ExactPlan>,
) -> Result<Deployment, Refusal> {
    let id: DeploymentId =
        new_id().parse().map_err(|error| Refusal::new(ErrorCode::Internal, format!("no id could be made: {error}")))?;
    let expires_at = lifetime(&request)?.map(|lifetime| act.writing.now() + lifetime);
    act.writing.append(
        Some(&id),
        Event::DeploymentCreated {
            terms: terms(&request),
            name: request.name,
            target: request.target,
            expires_at,
            default_access: request.default_access,
        },
    )?;
    let row = written(act, &id)?;
    let configuration = first(act, &row, request.configuration)?;
    let candidate = &configuration.configuration;
    let desired = beginning_with(&row, None, candidate);
    fitting(act.moment(), &row, candidate, desired, Running::Replaced, request.strategy)?;
    let change = row.change_to(RolloutKind::Update, configuration.id.clone(), candidate, desired);
    let plan = match approved {
        Some(plan) => plan,
        None => act.moment().first_plan(&row, &change, candidate)?,
    };
    begin(act, &row, change, plan, warrant)?;
    written(act, &id)
}

fn written(act: &Act<'_, '_>, id: &DeploymentId) -> Result<Deployment, Refusal> {
    let row = act.reading().deployment(id)?;
    row.ok_or_else(|| Refusal::new(ErrorCode::Internal, "The deployment was created but cannot be read."))
}
