//! Follows what is in progress on a deployment until it is over.
//!
//! Flow: read the rollout, show what is new in it, sleep, again. Polling, because it goes on by itself after the server
//! was started again. Guarantees: only a rollout that ended `completed` is a success. Every wait can be given an end
//! ([`Limit`]), and each cause of its end has an exit status of its own. Errors: a server that stays away longer than
//! [`Pace::patience`](super::context::Pace::patience); Ctrl-C and the end of the time, which stop the waiting only.

mod limit;
mod progress;
mod request;

use std::cell::RefCell;

use domain::deployment::{Status, TargetStatus};
use domain::id::RolloutNumber;
use domain::rollout::PhaseWord;
use domain::step_kind::StepKind;
use domain::wire::{CheckStep, CheckView, DeploymentView, ErrorCode, Page, RolloutView, StartCheck};
use tokio::time::Instant;

use super::client::{Query, ServerAnswer};
use super::context::Context;
use super::error::CliError;
use super::{show, text};
pub(super) use limit::{Limit, Patience};
use progress::ShownProgress;
pub(super) use request::for_request;

/// Waits for a rollout, shows how it ended, and fails unless it completed.
///
/// # Errors
/// It ended in another way; it is paused, when that ends the waiting; Ctrl-C; the time is over; the server stayed away or
/// refused.
pub(super) async fn for_rollout(
    context: &mut Context,
    patience: Patience,
    name: &str,
    number: RolloutNumber,
) -> Result<(), CliError> {
    let pause = RefCell::new(None);
    let goes_on = || match &*pause.borrow() {
        Some(paused) => format!("{paused}; `changeover wait {name}` waits again"),
        None => format!(
            "Rollout {number} of {name} goes on; `changeover wait {name}` waits again, \
             `changeover cancel {name}` takes it back"
        ),
    };
    let (ended, paused) = patience.limit.keep(goes_on, follow(context, patience, name, number, &pause)).await?;
    match paused {
        Some(paused) => {
            context.answer(&ended, |io, view: RolloutView| show::rollout(io, name, &view))?;
            Err(CliError::Paused(paused))
        }
        None => judge(context, name, &ended),
    }
}

/// Shows how a rollout ended, and fails unless it completed.
fn judge(context: &mut Context, name: &str, ended: &ServerAnswer) -> Result<(), CliError> {
    let view: RolloutView = ended.read()?;
    context.answer(ended, |io, view: RolloutView| show::rollout(io, name, &view))?;
    match view.phase {
        PhaseWord::Completed => Ok(()),
        phase => {
            let why = view.error.map_or_else(String::new, |error| format!(": {error}"));
            let how = format!("rollout {} of {name} ended {}{why}", view.number, phase);
            Err(if phase == PhaseWord::Reverted { CliError::Reverted(how) } else { CliError::Failed(how) })
        }
    }
}

/// Waits for whatever is in progress; when nothing is, judges what was last.
///
/// # Errors
/// As [`for_rollout`]; the deployment is not running.
pub(super) async fn for_deployment(context: &mut Context, patience: Patience, name: &str) -> Result<(), CliError> {
    let patience = patience.begun();
    let goes_on = || format!("The operation in progress on {name} goes on");
    match patience.limit.keep(goes_on, found(context, name)).await? {
        Awaited::Rollout(number) => for_rollout(context, patience, name, number).await,
        Awaited::Removal => for_removal(context, patience.limit, name).await,
        Awaited::Stop => for_stop(context, patience.limit, name).await,
        Awaited::Ended(last) => judge(context, name, &last),
        Awaited::Nothing(answer) => {
            let view: DeploymentView = answer.read()?;
            if view.status == Status::Running {
                return context
                    .answer(&answer, |io, view: DeploymentView| io.line(format!("{} is running.", view.name)));
            }
            let why = view.error.map_or_else(String::new, |error| format!(": {error}"));
            Err(CliError::Failed(format!("{name} is {}{why}", view.status)))
        }
    }
}

/// The operation in progress on a deployment, or the last one.
enum Awaited {
    Rollout(RolloutNumber),
    Removal,
    Stop,
    /// The answer about the last rollout.
    Ended(ServerAnswer),
    /// The answer about the deployment, which has had no rollout.
    Nothing(ServerAnswer),
}

async fn found(context: &mut Context, name: &str) -> Result<Awaited, CliError> {
    let answer = patiently(context, &["deployments", name], &[]).await?;
    let view: DeploymentView = answer.read()?;
    match (view.rollout, view.target_status) {
        (Some(number), _) => return Ok(Awaited::Rollout(number)),
        (None, TargetStatus::Deleted) => return Ok(Awaited::Removal),
        (None, TargetStatus::Stopped) => return Ok(Awaited::Stop),
        (None, TargetStatus::Running) => {}
    }
    let path = ["deployments", name, "rollouts"];
    let page: Page<RolloutView> = patiently(context, &path, &[("limit", "1".to_owned())]).await?.read()?;
    let Some(last) = page.items.into_iter().max_by_key(|rollout| rollout.number) else {
        return Ok(Awaited::Nothing(answer));
    };
    if last.phase.is_active() {
        // It was started in between.
        return Ok(Awaited::Rollout(last.number));
    }
    let path = ["deployments", name, "rollouts", &last.number.to_string()];
    Ok(Awaited::Ended(patiently(context, &path, &[]).await?))
}

/// Starts a check, or finds the one that runs, and waits until it has ended.
///
/// # Errors
/// Ctrl-C, which stops the waiting only; the server stayed away or refused.
pub(super) async fn for_check(
    context: &mut Context,
    limit: Limit,
    name: &str,
    request: &StartCheck,
) -> Result<(), CliError> {
    let mut check: CheckView = context.client.post(&["deployments", name, "checks"], request).await?.read()?;
    let id = check.id.clone();
    let ended = async {
        let mut said = None;
        while check.step != CheckStep::Ended {
            if said.replace(check.step) != Some(check.step) {
                context.io.note(format!("{}: {}", check.configuration.name, check.step.title().to_lowercase()))?;
            }
            tokio::time::sleep(context.pace.poll).await;
            check = patiently(context, &["deployments", name, "checks", id.as_str()], &[]).await?.read()?;
        }
        Ok(())
    };
    limit.keep(|| format!("The check of {name} goes on, and the same command finds it again"), ended).await
}

/// Waits until a deployment is gone.
///
/// # Errors
/// Ctrl-C; the server stayed away or refused.
pub(super) async fn for_removal(context: &mut Context, limit: Limit, name: &str) -> Result<(), CliError> {
    let gone = async {
        loop {
            match patiently(context, &["deployments", name], &[]).await {
                Ok(_) => tokio::time::sleep(context.pace.poll).await,
                Err(CliError::Refused { problem, .. }) if problem.code == ErrorCode::NotFound => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    };
    limit.keep(|| format!("{name} is still being removed"), gone).await?;
    Ok(context.io.note(format!("{name} is gone."))?)
}

/// Waits until a deployment that is deactivated has no replicas left.
///
/// # Errors
/// Ctrl-C; somebody activated it meanwhile; the server stayed away or refused.
pub(super) async fn for_stop(context: &mut Context, limit: Limit, name: &str) -> Result<(), CliError> {
    let stopped = async {
        loop {
            let answer = patiently(context, &["deployments", name], &[]).await?;
            let view: DeploymentView = answer.read()?;
            match (view.target_status, view.status) {
                (TargetStatus::Stopped, Status::Stopped) => return Ok(answer),
                (TargetStatus::Stopped, _) => tokio::time::sleep(context.pace.poll).await,
                (other, _) => {
                    let other = other.to_string();
                    return Err(CliError::Failed(format!("{name} is to be {other} now; somebody changed it")));
                }
            }
        }
    };
    let answer = limit.keep(|| format!("{name} is still being deactivated"), stopped).await?;
    context.answer(&answer, |io, view: DeploymentView| {
        io.line(format!("{} is deactivated; `changeover activate {}` brings it back.", view.name, view.name))
    })
}

/// The rollout's last answer, when it is over; or that it is paused, when that ends the waiting. `pause` says so
/// meanwhile.
async fn follow(
    context: &mut Context,
    patience: Patience,
    name: &str,
    number: RolloutNumber,
    pause: &RefCell<Option<String>>,
) -> Result<(ServerAnswer, Option<String>), CliError> {
    let path = ["deployments", name, "rollouts", &number.to_string()];
    let mut progress = ShownProgress::new(&context.io, name, number);
    loop {
        let answer = patiently(context, &path, &[]).await?;
        let rollout: RolloutView = answer.read()?;
        progress.rollout(&mut context.io, &rollout)?;
        let paused = paused(name, &rollout);
        if paused.is_some() && patience.ends_when_paused() || !rollout.phase.is_active() {
            progress.end();
            return Ok((answer, paused));
        }
        if let Some(paused) = paused.as_ref().filter(|_| pause.borrow().is_none()) {
            let goes_on = format!("{paused}; `changeover resume {name}` lets it go on. Waiting for that.");
            progress.say(&mut context.io, &goes_on)?;
        }
        *pause.borrow_mut() = paused;
        if progress.is_drawn() {
            let include = [("include", "replicas".to_owned())];
            let deployment: DeploymentView = patiently(context, &["deployments", name], &include).await?.read()?;
            progress.replicas(&rollout, &deployment);
        }
        tokio::time::sleep(context.pace.poll).await;
    }
}

/// That a rollout is paused, and by whom.
fn paused(name: &str, rollout: &RolloutView) -> Option<String> {
    let step = rollout.steps.iter().rfind(|step| step.kind.is(StepKind::Pause));
    let who = step.map_or_else(String::new, |step| format!(" {}", text::printable(&step.reason)));
    (rollout.phase == PhaseWord::Paused).then(|| format!("Rollout {} of {name} is paused{who}", rollout.number))
}

/// Reads, and asks again while nobody answers, as during a restart of the server, or the server has too much to do.
async fn patiently(context: &mut Context, path: &[&str], query: Query<'_>) -> Result<ServerAnswer, CliError> {
    let mut away: Option<Instant> = None;
    loop {
        match context.client.get(path, query).await {
            Err(error) if error.is_passing() => {
                if away.is_none() {
                    match &error {
                        CliError::Refused { problem, .. } => {
                            context.io.note(format!("{} Asking again.", problem.detail))
                        }
                        _ => context.io.note("The server does not answer; waiting for it to come back."),
                    }?;
                }
                if away.get_or_insert_with(Instant::now).elapsed() >= context.pace.patience {
                    return Err(error.lasting());
                }
                tokio::time::sleep(context.pace.poll).await;
                context.client.find_again();
            }
            other => return other,
        }
    }
}
