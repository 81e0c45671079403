//! Changes what no rollout is needed for.

use domain::ledger::Deployment;
use domain::wire::{DeploymentView, PatchDeployment};

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Act, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Change what no rollout is needed for. A field that is not sent stays as it is.
#[utoipa::path(patch, path = "/deployments/{d}", tag = "deployments", request_body = PatchDeployment,
    responses((status = 200, body = DeploymentView)))]
pub(super) async fn patch(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<PatchDeployment>,
) -> Result<Answer, Refusal> {
    let patch = move |act: &mut Act<'_, '_>, row: &Deployment| commands::patch_deployment(act, row, body);
    api.change(key, Effect::Done, (d, if_match.expected()), patch).await
}
