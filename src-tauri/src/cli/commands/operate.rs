//! `changeover activate`, `deactivate` and `relaunch`: a whole deployment (DR-12).

use clap::Args;
use domain::id::DeploymentId;
use domain::policy::GatedAction;
use domain::wire::{self, DeploymentView, MatchPolicies};

use crate::cli::args::Moving;
use crate::cli::client::ServerAnswer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::requested;
use crate::cli::wait::{self, Limit, Patience};

/// `relaunch`, and most of `activate`.
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

/// `activate`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Activate {
    #[command(flatten)]
    operate: Operate,
    #[command(flatten)]
    gate: Gate,
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
    #[command(flatten)]
    gate: Gate,
}

impl Operate {
    pub(super) async fn relaunch(self, context: &mut Context) -> Result<(), CliError> {
        let patience = self.patience.of(self.wait)?;
        let request = self.request();
        let answer = context.client.post(&["deployments", self.name.as_str(), "relaunch"], &request).await?;
        self.told(context, patience, &answer, "relaunched").await
    }

    fn request(&self) -> wire::Operate {
        let (strategy, accept_warnings) = (self.moving.strategy(), self.accept_warnings);
        wire::Operate { note: self.note.clone(), strategy, accept_warnings, ..wire::Operate::default() }
    }

    /// `done` is the verb as in *it is being activated*.
    async fn told(
        &self,
        context: &mut Context,
        patience: Patience,
        answer: &ServerAnswer,
        done: &str,
    ) -> Result<(), CliError> {
        let name = self.name.as_str();
        let view: DeploymentView = answer.read()?;
        match view.rollout.filter(|_| self.wait) {
            Some(number) => wait::for_rollout(context, patience, name, number).await,
            None => context.answer(answer, |io, view: DeploymentView| {
                let rollout = view.rollout.map(|number| format!(" by rollout {number}")).unwrap_or_default();
                io.line(format!("{} is being {done}{rollout}.", view.name))?;
                io.line(io.faint(&format!("`changeover wait {name}` shows its progress.")))
            }),
        }
    }
}

impl Activate {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Self { operate, gate } = self;
        let (name, patience) = (operate.name.as_str(), operate.patience.of(operate.wait)?);
        let mut request = operate.request();
        request.apply = gate.apply();
        request.break_glass = gate.break_glass(context, &change(name)).await?;
        let answer = context.client.post(&["deployments", name, "activate"], &request).await;
        let answer = answer.map_err(|error| gate.way_on(error))?;
        match requested::of(&answer) {
            Some(asked) => requested::told(context, &answer, &asked, operate.wait.then_some(patience)).await,
            None => operate.told(context, patience, &answer, "activated").await,
        }
    }
}

fn change(name: &str) -> MatchPolicies {
    MatchPolicies::new(Some(name.to_owned()), GatedAction::Status)
}

impl Deactivate {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let limit = self.limit.of(self.wait)?;
        let (apply, break_glass) = (self.gate.apply(), self.gate.break_glass(context, &change(name)).await?);
        let request = wire::Operate { note: self.note, apply, break_glass, ..wire::Operate::default() };
        let answer = context.client.post(&["deployments", name, "deactivate"], &request).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            let patience = self.wait.then(|| Patience::until_over(limit));
            return requested::told(context, &answer, &asked, patience).await;
        }
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
