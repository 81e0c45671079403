//! `changeover activate`, `deactivate` and `relaunch`: a whole deployment (DR-12).

use clap::Args;
use domain::id::DeploymentId;
use domain::wire::{self, DeploymentView};

use crate::cli::args::Moving;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::wait::{self, Limit, Patience};

/// `activate` and `relaunch`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Operate {
    /// The deployment, by name or id
    name: DeploymentId,
    /// The reason, in a sentence
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Wait until it is over, and show the progress
    #[arg(long)]
    wait: bool,
    /// Go ahead although a replica has to be taken away for want of room
    #[arg(long)]
    accept_warnings: bool,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    moving: Moving,
}

/// `deactivate`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Deactivate {
    /// The deployment, by name or id
    name: DeploymentId,
    /// The reason, in a sentence
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Wait until its replicas are gone
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    limit: Limit,
}

impl Operate {
    /// `done` is the verb as in *it is being activated*.
    pub(super) async fn run(self, context: &mut Context, verb: &str, done: &str) -> Result<(), CliError> {
        let name = self.name.as_str();
        let patience = self.patience.of(self.wait)?;
        let (strategy, accept_warnings) = (self.moving.strategy(), self.accept_warnings);
        let request = wire::Operate { note: self.note, strategy, accept_warnings };
        let answer = context.client.post(&["deployments", name, verb], &request).await?;
        let view: DeploymentView = answer.read()?;
        match view.rollout.filter(|_| self.wait) {
            Some(number) => wait::for_rollout(context, patience, name, number).await,
            None => context.answer(&answer, |io, view: DeploymentView| {
                let rollout = view.rollout.map(|number| format!(" by rollout {number}")).unwrap_or_default();
                io.line(format!("{} is being {done}{rollout}.", view.name))?;
                io.line(io.faint(&format!("`changeover wait {name}` shows its progress.")))
            }),
        }
    }
}

impl Deactivate {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let limit = self.limit.of(self.wait)?;
        let request = wire::Operate { note: self.note, ..wire::Operate::default() };
        let answer = context.client.post(&["deployments", name, "deactivate"], &request).await?;
        if self.wait {
            return wait::for_stop(context, limit, name).await;
        }
        context.answer(&answer, |io, view: DeploymentView| {
            io.line(format!(
                "{} is being deactivated; {} answers 503 until it is activated again.",
                view.name, view.url
            ))?;
            io.line(io.faint(&format!("`changeover activate {name}` brings it back.")))
        })
    }
}
