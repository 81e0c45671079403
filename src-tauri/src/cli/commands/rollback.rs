//! `changeover rollback`: a rollout to an earlier configuration.

use clap::Args;
use domain::id::{DeploymentId, RevisionNumber, RolloutNumber};
use domain::policy::GatedAction;
use domain::wire::{self, MatchPolicies, RehearseView, RolloutView};
use http::StatusCode;

use crate::cli::args::{Failing, Moving, ReasonArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::requested;
use crate::cli::wait::{self, Patience};

/// `rollback`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Rollback {
    /// The deployment, by name or id
    name: DeploymentId,
    /// The revision to go back to [default: the last good one; needed to undo a rollback]
    #[arg(long, value_name = "REVISION")]
    to: Option<RevisionNumber>,
    /// Take over from this rollout, which is in progress
    #[arg(long, value_name = "N")]
    on_top_of: Option<RolloutNumber>,
    /// Wait until it is over, and show the progress
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    moving: Moving,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    why: ReasonArgs,
    #[command(flatten)]
    gate: Gate,
}

impl Rollback {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let patience = self.patience.of(self.wait)?;
        let change = MatchPolicies::new(Some(name.to_owned()), GatedAction::Rollback);
        let request = wire::Rollback {
            to: self.to,
            on_top_of: self.on_top_of,
            reason: self.why.reason,
            note: self.why.note,
            strategy: self.moving.strategy(),
            on_failure: self.failing.on_failure,
            quarantine_override: self.failing.quarantine_override,
            apply: self.gate.apply(),
            break_glass: self.gate.break_glass(context, &change).await?,
        };
        let answer = context.client.post(&["deployments", name, "rollback"], &request).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            return requested::told(context, &answer, &asked, self.wait.then_some(patience)).await;
        }
        if answer.status != StatusCode::ACCEPTED {
            return context.answer(&answer, |io, _: RehearseView| {
                io.line(format!("{name} stays as it is: equal content is in use."))
            });
        }
        if self.wait {
            return wait::for_rollout(context, patience, name, answer.read::<RolloutView>()?.number).await;
        }
        context.answer(&answer, |io, view: RolloutView| {
            let back = view.rolled_back_to.map(|earlier| format!(" back to revision {earlier}")).unwrap_or_default();
            io.line(format!("Started rollout {} of {name}{back}, as revision {}.", view.number, view.to_revision))?;
            io.line(io.faint(&format!("`changeover wait {name}` shows its progress.")))
        })
    }
}
