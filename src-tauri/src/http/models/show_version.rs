//! Shows one version of a model.

use domain::id::{ModelName, ModelVersion};
use domain::wire::ModelVersionView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Read one version of a model.
#[utoipa::path(get, path = "/models/{name}/versions/{version}", tag = "models", responses((status = 200, body = ModelVersionView)))]
pub(super) async fn show_version(
    api: ApiFor,
    PathParams((name, version)): PathParams<(ModelName, ModelVersion)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.version(views.registered(name, version)?)?)?.hashed())).await
}
