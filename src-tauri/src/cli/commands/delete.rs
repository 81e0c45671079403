//! `changeover delete`: removes a deployment, after its name was typed.

use clap::Args;
use domain::id::DeploymentId;
use domain::policy::GatedAction;
use domain::wire::{DeleteDeployment, MatchPolicies};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::requested;
use crate::cli::wait::{self, Limit, Patience};

/// `delete`.
#[derive(Args, Debug)]
#[command(after_help = "On a terminal, the name must be typed again, unless --yes is given.\n\
                        Anywhere else --yes must be given.")]
pub(in crate::cli) struct Delete {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Do not ask before it is removed
    #[arg(long, short)]
    yes: bool,
    /// Wait until it is gone
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    gate: Gate,
}

impl Delete {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let limit = self.limit.of(self.wait)?;
        if !self.yes {
            if !context.io.can_ask {
                return Err(CliError::Usage(format!("nobody can be asked here; say `changeover delete {name} --yes`")));
            }
            let typed = context.io.ask(&format!("{name} will stop answering. Type its name to delete it:"))?;
            if typed != name {
                return Err(CliError::Declined);
            }
        }
        let change = MatchPolicies::new(Some(name.to_owned()), GatedAction::Delete);
        let break_glass = self.gate.break_glass(context, &change).await?;
        let request = DeleteDeployment { note: None, apply: self.gate.apply(), break_glass };
        let answer = context.client.delete_with(&["deployments", name], &request).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            let patience = self.wait.then(|| Patience::until_over(limit));
            return requested::told(context, &answer, &asked, patience).await;
        }
        if context.json {
            context.io.raw(&answer.body)?;
        } else {
            context.io.line(format!("{name} is being removed; its history stays."))?;
        }
        if self.wait { wait::for_removal(context, limit, name).await } else { Ok(()) }
    }
}
