//! May this model version replace that one?

use std::sync::Arc;

use axum::extract::State;
use domain::compat::Report;
use domain::id::TargetName;
use domain::wire::CompareModels;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::Sent;
use crate::http::serving::Serving;

/// Compare two model versions by what their files say. With a deployment, what it asks of a candidate counts too, and
/// what the newest scratch replica of the candidate showed.
#[utoipa::path(post, path = "/compat", tag = "models", request_body = CompareModels,
    responses((status = 200, body = Report)))]
pub(super) async fn compare(
    State(serving): State<Arc<Serving>>,
    Sent { body, once }: Sent<CompareModels>,
) -> Result<Answer, Refusal> {
    serving
        .ask(once, move |api, reading| {
            Answer::ok(&commands::compare_models(reading, &body, &api.live.machine(&TargetName::default()))?)
        })
        .await
}
