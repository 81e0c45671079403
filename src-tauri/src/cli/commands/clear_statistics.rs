//! `changeover clear-statistics`: removes what is kept of a deployment's requests over a time (DR-11).

use clap::Args;
use domain::id::{DeploymentId, ModelRef};
use domain::wire::{self, ClearedStatistics};
use jiff::Timestamp;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;

/// `clear-statistics`.
#[derive(Args, Debug)]
pub(in crate::cli) struct ClearStatistics {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Only of revisions that bind this model version, as iris@1 [default: all]
    #[arg(long, value_name = "MODEL@VERSION")]
    model: Option<ModelRef>,
    /// The beginning of the time, as 2026-12-01T09:00:00Z [default: there is none]
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// The end of the time [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// The reason, in a sentence
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl ClearStatistics {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Self { name, model, from, to, reason } = self;
        let path = ["deployments", name.as_str(), "clear-statistics"];
        let answer = context.client.post(&path, &wire::ClearStatistics { model, from, to, reason }).await?;
        context.answer(&answer, |io, cleared: ClearedStatistics| {
            let of = cleared
                .model
                .map_or_else(|| "all models".to_owned(), |model| text::printable(&model.to_string()).into());
            let from = cleared.from.map(|from| format!("from {from} ")).unwrap_or_default();
            io.line(format!("The statistics of {of} at {name} are cleared {from}up to {}.", cleared.to))
        })
    }
}
