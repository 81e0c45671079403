//! `changeover apply`, `cancel-request` and `rebase`: a change request of one's own, or on one's own deployment.

use clap::Args;
use domain::id::RequestId;

use crate::cli::client::ServerAnswer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::requested;
use crate::cli::wait::{self, Patience};

/// `apply`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Apply {
    /// The request
    id: RequestId,
    /// Wait until it is over, and show the progress
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
}

/// `cancel-request`.
#[derive(Args, Debug)]
pub(in crate::cli) struct CancelRequest {
    /// The request
    id: RequestId,
}

/// `rebase`.
#[derive(Args, Debug)]
#[command(after_help = "The request gets another version, of which nobody has approved anything yet.")]
pub(in crate::cli) struct Rebase {
    /// The request
    id: RequestId,
}

impl Apply {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let patience = self.patience.of(self.wait)?;
        let answer = ask(context, &self.id, "apply").await?;
        if self.wait {
            return wait::for_request(context, patience, &self.id).await;
        }
        requested::stands(context, &answer, &format!("Asked to apply request {}.", self.id)).await
    }
}

impl CancelRequest {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let answer = ask(context, &self.id, "cancel").await?;
        requested::stands(context, &answer, &format!("Ended request {}.", self.id)).await
    }
}

impl Rebase {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let answer = ask(context, &self.id, "rebase").await?;
        requested::stands(context, &answer, &format!("Asked anew by request {}.", self.id)).await
    }
}

async fn ask(context: &Context, id: &RequestId, verb: &str) -> Result<ServerAnswer, CliError> {
    context.client.post(&["change-requests", id.as_str(), verb], &serde_json::json!({})).await
}
