//! Makes a deployment.

use domain::wire::{CreateDeployment, DeploymentView};

use crate::api::{Answer, ApiFor, Include, Resource};
use crate::commands::{self, Created, Refusal};
use crate::http::requests::JsonBody;

/// Make a deployment with its first configuration, and start its first rollout.
#[utoipa::path(post, path = "/deployments", tag = "deployments", request_body = CreateDeployment,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<CreateDeployment>) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = match commands::create_deployment(act, body)? {
            Created::Made(row) => row,
            Created::Asked(id) => return api.asked(act, &id),
        };
        let view = api.views(act).deployment(row.id.as_str(), Include::default())?;
        Ok(Answer::accepted(Resource::Deployment(row.name), &view)?.at(view.generation))
    })
    .await
}
