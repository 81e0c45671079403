//! `changeover delete`: removes a deployment, after its name was typed.

use clap::Args;
use domain::id::DeploymentId;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::wait::{self, Limit};

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
        let answer = context.client.delete(&["deployments", name]).await?;
        if context.json {
            context.io.raw(&answer.body)?;
        } else {
            context.io.line(format!("{name} is being removed; its history stays."))?;
        }
        if self.wait { wait::for_removal(context, limit, name).await } else { Ok(()) }
    }
}
