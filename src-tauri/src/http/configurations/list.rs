//! Lists a deployment's configurations.

use domain::wire::{ConfigurationView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor, Matching};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The configurations that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name, the id or a model.
    q: Option<String>,
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List a deployment's configurations, newest first.
#[utoipa::path(get, path = "/deployments/{d}/configurations", tag = "configurations", params(Wanted),
    responses((status = 200, body = Page<ConfigurationView>)))]
pub(super) async fn list(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let wanted = matching(wanted)?;
    api.read(move |views| Answer::done(&views.configurations(&d, &wanted)?)).await
}

pub(super) fn matching(wanted: Wanted) -> Result<Matching, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    Ok(Matching { q: wanted.q.unwrap_or_default().to_lowercase(), cursor: wanted.cursor, limit })
}
