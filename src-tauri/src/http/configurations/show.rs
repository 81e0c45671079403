//! Shows a configuration.

use domain::id::ConfigurationId;
use domain::wire::ConfigurationView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Read a configuration, with every default written out.
#[utoipa::path(get, path = "/deployments/{d}/configurations/{id}", tag = "configurations",
    responses((status = 200, body = ConfigurationView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams((d, id)): PathParams<(String, ConfigurationId)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.configuration_of(&d, &id)?)?.hashed())).await
}
