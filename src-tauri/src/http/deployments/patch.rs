//! Changes what no rollout is needed for.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{DeploymentView, PatchDeployment};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Sent};
use crate::http::serving::Serving;
use crate::http::views;

/// Change what no rollout is needed for. A field that is not sent stays as it is.
#[utoipa::path(patch, path = "/deployments/{d}", tag = "deployments", request_body = PatchDeployment,
    responses((status = 200, body = DeploymentView)))]
pub(super) async fn patch(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<PatchDeployment>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::patch_deployment(writing, &row, &body, if_match.expected(&row)?)?;
            let row = commands::find(&writing.reading(), row.id.as_str())?;
            let view = views::deployment(api, &writing.reading(), row, &views::Include::default())?;
            Ok(Answer::ok(&view)?.at(view.generation))
        })
        .await
}
