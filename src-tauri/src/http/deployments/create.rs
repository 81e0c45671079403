//! Makes a deployment.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{CreateDeployment, DeploymentView};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::Sent;
use crate::http::serving::Serving;
use crate::http::views;

/// Make a deployment with its first configuration, and start its first rollout.
#[utoipa::path(post, path = "/deployments", tag = "deployments", request_body = CreateDeployment,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn create(
    State(serving): State<Arc<Serving>>,
    Sent { body, once }: Sent<CreateDeployment>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let machine = api.live.machine(&body.target);
            let row = commands::create_deployment(writing, body, &api.live.targets(), &machine)?;
            let view = views::deployment(api, &writing.reading(), row, &views::Include::default())?;
            Ok(Answer::accepted(format!("/api/v1/deployments/{}", view.name), &view)?.at(view.generation))
        })
        .await
}
