//! Shows a model.

use domain::id::{ModelName, ModelVersion};
use domain::wire::ModelView;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The versions that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The most items of a page: 1 to 1,000; by default 1,000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Only versions below this one.
    before: Option<ModelVersion>,
}

/// Read a model with its versions, newest first.
#[utoipa::path(get, path = "/models/{name}", tag = "models", params(Wanted), responses((status = 200, body = ModelView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(name): PathParams<ModelName>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 1_000, 1_000)?;
    api.read(move |views| Ok(Answer::done(&views.model(&name, wanted.before, limit)?)?.hashed())).await
}
