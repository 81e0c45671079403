//! `changeover quarantine` and `changeover revision`: what is known to be bad, and what is removed.

use clap::{Args, Subcommand};
use domain::id::{DeploymentId, RevisionNumber};
use domain::wire::{DeploymentView, QuarantineNote, RevisionView};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text::printable;

/// `quarantine`.
#[derive(Args, Debug)]
#[command(after_help = "An automatic revert skips a quarantined revision. Its content comes back\n\
                        only with `update NAME … --override TEXT`.")]
pub(in crate::cli) struct Quarantine {
    /// The deployment, by name or id
    name: DeploymentId,
    /// The revision
    revision: RevisionNumber,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Lift the quarantine
    #[arg(long)]
    lift: bool,
}

/// Commands on revisions; `status NAME` lists them.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Revision {
    /// Remove an earlier revision: nobody can go back to it any more
    Remove {
        /// The deployment, by name or id
        name: DeploymentId,
        /// The revision
        number: RevisionNumber,
    },
}

impl Quarantine {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (name, number) = (self.name.as_str(), self.revision.to_string());
        let path = ["deployments", name, "revisions", &number, "quarantine"];
        let note = QuarantineNote { note: self.note };
        let answer = match self.lift {
            true => context.client.delete_with(&path, &note).await?,
            false => context.client.post(&path, &note).await?,
        };
        context.answer(&answer, |io, view: RevisionView| match &view.quarantined {
            Some(bad) => io.line(format!("Revision {number} of {name} is known to be bad: {}", printable(&bad.reason))),
            None => io.line(format!("Revision {number} of {name} is no longer taken for bad.")),
        })
    }
}

impl Revision {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Self::Remove { name, number } = self;
        let path = ["deployments", name.as_str(), "revisions", &number.to_string()];
        let answer = context.client.delete(&path).await?;
        context.answer(&answer, |io, view: DeploymentView| {
            io.line(format!("Removed revision {number} of {}; its history stays.", view.name))
        })
    }
}
