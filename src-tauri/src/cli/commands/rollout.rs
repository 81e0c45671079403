//! `changeover pause`, `resume` and `cancel`: the rollout in progress.

use domain::id::DeploymentId;
use domain::wire::{DeploymentView, RolloutView};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::show;

/// Asks it of the rollout in progress.
pub(super) async fn ask(context: &mut Context, name: &DeploymentId, verb: &'static str) -> Result<(), CliError> {
    let deployment: DeploymentView = context.client.get(&["deployments", name.as_str()], &[]).await?.read()?;
    let Some(number) = deployment.rollout else {
        return Err(CliError::Failed(format!("no rollout of {name} is in progress, so there is nothing to {verb}")));
    };
    let path = ["deployments", name.as_str(), "rollouts", &number.to_string(), verb];
    let answer = context.client.post(&path, &serde_json::json!({})).await?;
    context.answer(&answer, |io, view: RolloutView| show::rollout(io, name.as_str(), &view))
}
