//! The differences between two configurations, each with its cost.

use domain::id::ConfigurationId;
use domain::wire::DiffView;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams};

/// The other side of the comparison.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The configuration to compare with.
    against: ConfigurationId,
}

/// Compare a configuration with another one: the fields that differ, and what each difference costs.
#[utoipa::path(get, path = "/deployments/{d}/configurations/{id}/diff", tag = "configurations", params(Wanted),
    responses((status = 200, body = DiffView)))]
pub(super) async fn diff(
    api: ApiFor,
    PathParams((d, id)): PathParams<(String, ConfigurationId)>,
    QueryParams(Wanted { against }): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.difference(&d, &id, against)?)?.hashed())).await
}
