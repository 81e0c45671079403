//! Asks for a deployment to be removed.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::DeploymentView;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Once, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Remove a deployment: its replicas finish their requests and are stopped, then it is gone. Its history stays.
#[utoipa::path(delete, path = "/deployments/{d}", tag = "deployments", responses((status = 202, body = DeploymentView)))]
pub(super) async fn delete(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    serving
        .write_to_make_room(Once::never_kept(), move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::delete_deployment(writing, &row, None, if_match.expected(&row)?)?;
            let row = commands::find(&writing.reading(), row.id.as_str())?;
            let view = views::deployment(api, &writing.reading(), row, &views::Include::default())?;
            Ok(Answer::accepted(format!("/api/v1/deployments/{}", view.name), &view)?.at(view.generation))
        })
        .await
}
