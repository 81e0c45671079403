//! May this model version replace that one?

use domain::compat::Report;
use domain::wire::CompareModels;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::JsonBody;

/// Compare two model versions by what their files say. With a deployment, what it asks of a candidate counts too, and
/// what the newest scratch replica of the candidate showed.
#[utoipa::path(post, path = "/compat", tag = "models", request_body = CompareModels,
    responses((status = 200, body = Report)))]
pub(super) async fn compare(api: ApiFor, JsonBody { body, key }: JsonBody<CompareModels>) -> Result<Answer, Refusal> {
    api.ask(key, move |views| Answer::done(&commands::compare_models(views.moment(), &body)?)).await
}
