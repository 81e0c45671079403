//! `model delete`: removes a version that no deployment could run.

use clap::Args;
use domain::id::ModelRef;
use domain::wire::ModelVersionView;

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// `model delete`.
#[derive(Args, Debug)]
#[command(after_help = "On a terminal, the version must be typed again, unless --yes is given.")]
pub(in crate::cli) struct Delete {
    /// The version
    #[arg(value_name = "NAME@V")]
    model: ModelRef,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Delete {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let model = self.model.to_string();
        if context.io.can_ask && !self.yes {
            let typed = context.io.ask(&format!("{model} cannot be brought back. Type it to delete it:"))?;
            if typed != model {
                return Err(CliError::Declined);
            }
        }
        let path = ["models", self.model.name.as_str(), "versions", &self.model.version.to_string()];
        let answer = context.client.delete(&path).await?;
        context.answer(&answer, |io, view: ModelVersionView| {
            io.line(format!("Deleted {}@{}; its number is not used again.", view.model.name, view.model.version))
        })
    }
}
