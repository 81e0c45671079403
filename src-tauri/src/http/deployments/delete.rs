//! Asks for a deployment to be removed.

use domain::ledger::Deployment;
use domain::wire::{DeleteDeployment, DeploymentView};

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Act, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Remove a deployment: its replicas finish their requests and are stopped, then it is gone. Its history stays. Answers
/// with the change request where it was asked for instead.
#[utoipa::path(delete, path = "/deployments/{d}", tag = "deployments", request_body = Option<DeleteDeployment>,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn delete(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, .. }: JsonBody<DeleteDeployment>,
) -> Result<Answer, Refusal> {
    // What it writes to the disk ends with it.
    api.makes_room();
    let delete = move |act: &mut Act<'_, '_>, row: &Deployment| commands::delete_deployment(act, row, body);
    api.change(None, Effect::Accepted, (d, if_match.expected()), delete).await
}
