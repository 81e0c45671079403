//! Lists the models that a deployment has had in use.

use domain::wire::{ModelPeriod, Page};

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::PathParams;

/// List every time for which a deployment had a model in use, the newest first: since when, until when, who asked for it, and
/// why. Deactivations are known as far as the history goes back.
#[utoipa::path(get, path = "/deployments/{d}/model-history", tag = "deployments",
    responses((status = 200, body = Page<ModelPeriod>)))]
pub(super) async fn model_history(api: ApiFor, PathParams(d): PathParams<String>) -> Result<Answer, Refusal> {
    api.read(move |views| Answer::done(&Page { items: views.model_history(&d)?, next_cursor: None })).await
}
