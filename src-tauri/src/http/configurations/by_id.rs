//! Finds a configuration by its id alone.

use domain::id::ConfigurationId;
use domain::wire::ConfigurationView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Read a configuration of whichever deployment, with every default written out.
#[utoipa::path(get, path = "/configurations/{id}", tag = "configurations",
    responses((status = 200, body = ConfigurationView)))]
pub(super) async fn by_id(
    api: ApiFor,
    PathParams(id): PathParams<ConfigurationId>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.configuration_by_id(&id)?)?.hashed())).await
}
