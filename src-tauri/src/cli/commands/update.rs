//! `changeover update` and `changeover check`: the same selection, done or only rehearsed.

use clap::Args;
use domain::id::{DeploymentId, RolloutNumber};
use domain::policy::GatedAction;
use domain::wire::{MatchPolicies, Outcome, RehearseView, RolloutView, StartCheck, StartRollout};
use http::StatusCode;

use super::selected::Selected;
use crate::cli::args::{Failing, Moving, ReasonArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::wait::{self, Limit, Patience};
use crate::cli::{requested, show};

/// `update`.
#[derive(Args, Debug)]
#[command(after_help = "A value of --set is JSON, or else text; null goes back to the default.\n\
                        On a terminal, the differences and the rehearsal are shown and you are\n\
                        asked, unless --yes is given. Anywhere else it goes ahead, as scripts expect.")]
pub(in crate::cli) struct Update {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Take over from this rollout, which is in progress
    #[arg(long, value_name = "N")]
    on_top_of: Option<RolloutNumber>,
    /// Only rehearse it
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
    /// Wait until it is over, and show the progress
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
    /// Do not ask before it begins
    #[arg(long, short)]
    yes: bool,
    /// Go ahead although the compatibility report or the rehearsal warns
    #[arg(long)]
    accept_warnings: bool,
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    moving: Moving,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    why: ReasonArgs,
    #[command(flatten)]
    gate: Gate,
}

/// `check`.
#[derive(Args, Debug)]
#[command(after_help = "The candidate is loaded in a scratch replica beside the deployment, which is not touched,\n\
                        and is sent a sample request. Exit status 1 when the update would be refused: the candidate\n\
                        is incompatible, there is no room for it, or it is known to be bad.")]
pub(in crate::cli) struct Check {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Only read the files: start no scratch replica
    #[arg(long)]
    files_only: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    moving: Moving,
}

impl Update {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let patience = self.patience.of(self.wait)?;
        let mut request = self.selected.request(context, &self.name, &self.moving, self.why, self.on_top_of).await?;
        request.dry_run = self.dry_run;
        request.accept_warnings = self.accept_warnings;
        request.on_failure = self.failing.on_failure;
        request.quarantine_override = self.failing.quarantine_override;
        request.apply = self.gate.apply();
        let change = MatchPolicies::new(Some(name.to_owned()), GatedAction::Replace);
        request.break_glass = self.gate.break_glass(context, &change).await?;
        let asks = context.io.can_ask && !self.yes;
        match (self.dry_run, asks) {
            (true, _) => {}
            (false, true) if !confirmed(context, name, &request).await? => return Ok(()),
            (false, true) => {}
            (false, false) => warn(context, name, &request).await?,
        }
        let answer = context.client.post(&["deployments", name, "rollouts"], &request).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            return requested::told(context, &answer, &asked, self.wait.then_some(patience)).await;
        }
        if answer.status != StatusCode::ACCEPTED {
            return context.answer(&answer, |io, view: RehearseView| match (view.unchanged, self.dry_run) {
                (true, false) => io.line(format!("{name} stays as it is: equal content is in use.")),
                _ => show::rehearsal(io, &view, true),
            });
        }
        if self.wait {
            return wait::for_rollout(context, patience, name, answer.read::<RolloutView>()?.number).await;
        }
        context.answer(&answer, |io, view: RolloutView| {
            io.line(format!("Started rollout {} of {name} to revision {}.", view.number, view.to_revision))?;
            io.line(io.faint(&format!("`changeover wait {name}` shows its progress.")))
        })
    }
}

/// Says the warnings of the rehearsal on standard error, where nobody is asked.
async fn warn(context: &mut Context, name: &str, request: &StartRollout) -> Result<(), CliError> {
    // What is refused here is refused again when it is asked for, and told then.
    let rehearsed = context.client.post(&["deployments", name, "rehearse"], request).await;
    let Ok(view) = rehearsed.and_then(|answer| answer.read::<RehearseView>()) else { return Ok(()) };
    if view.unchanged {
        return Ok(());
    }
    for warning in show::warnings(&view) {
        context.io.note(format!("Warning: {warning}"))?;
    }
    Ok(())
}

/// Shows the rehearsal and asks; false when nothing would change, which is said.
async fn confirmed(context: &mut Context, name: &str, request: &StartRollout) -> Result<bool, CliError> {
    let answer = context.client.post(&["deployments", name, "rehearse"], request).await?;
    let view: RehearseView = answer.read()?;
    if view.unchanged {
        context.answer(&answer, |io, view: RehearseView| show::rehearsal(io, &view, false))?;
        return Ok(false);
    }
    if !context.json {
        show::rehearsal(&mut context.io, &view, false)?;
    }
    stands(name, &view, request)?;
    let typed = context.io.ask(&format!("\nUpdate {name}? [y/N]"))?;
    if matches!(typed.to_lowercase().as_str(), "y" | "yes") { Ok(true) } else { Err(CliError::Declined) }
}

impl Check {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let request = self.selected.request(context, &self.name, &self.moving, ReasonArgs::default(), None).await?;
        let path = ["deployments", self.name.as_str(), "rehearse"];
        let mut answer = context.client.post(&path, &request).await?;
        if !self.files_only && answer.read::<RehearseView>()?.compatibility.is_some() {
            let check = StartCheck { configuration: request.configuration.clone(), set: request.set.clone() };
            wait::for_check(context, self.limit, self.name.as_str(), &check).await?;
            answer = context.client.post(&path, &request).await?;
        }
        context.answer(&answer, |io, view: RehearseView| show::rehearsal(io, &view, true))?;
        stands(self.name.as_str(), &answer.read()?, &request)
    }
}

/// Fails when the server would refuse the update that was rehearsed.
fn stands(name: &str, view: &RehearseView, request: &StartRollout) -> Result<(), CliError> {
    let bad = view.quarantined.as_ref().filter(|_| request.quarantine_override.is_none());
    if let Some(report) = view.compatibility.as_ref().filter(|report| report.blocks()) {
        let failed: Vec<&str> = report.with(Outcome::Failed).map(|check| check.message.as_str()).collect();
        return Err(CliError::Failed(format!("{name} cannot be updated like this. {}", failed.join(" "))));
    }
    match (&view.no_room, bad) {
        (Some(sentence), _) => Err(CliError::Failed(format!("{name} cannot be updated like this. {sentence}"))),
        (None, Some(bad)) => Err(CliError::Failed(format!(
            "{name} cannot be updated like this: revision {} asked for the same and is known to be bad. \
             `update` with --override TEXT brings it back",
            bad.revision
        ))),
        (None, None) => Ok(()),
    }
}
