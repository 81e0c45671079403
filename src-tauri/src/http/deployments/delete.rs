//! Asks for a deployment to be removed.

use domain::ledger::Deployment;
use domain::wire::DeploymentView;

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Act, Refusal};
use crate::http::requests::{IfMatch, PathParams, WithoutQuery};

/// Remove a deployment: its replicas finish their requests and are stopped, then it is gone. Its history stays.
#[utoipa::path(delete, path = "/deployments/{d}", tag = "deployments", responses((status = 202, body = DeploymentView)))]
pub(super) async fn delete(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    // What it writes to the disk ends with it.
    api.makes_room();
    let delete = |act: &mut Act<'_, '_>, row: &Deployment| commands::delete_deployment(act, row, None);
    api.change(None, Effect::Accepted, (d, if_match.expected()), delete).await
}
