//! Lists checks.

use domain::id::CheckId;
use domain::wire::{CheckView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The checks that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The most items of a page: 1 to 200; by default 20.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<CheckId>,
}

/// List the newest checks of a deployment, newest first. The 200 newest are kept.
#[utoipa::path(get, path = "/deployments/{d}/checks", tag = "checks", params(Wanted),
    responses((status = 200, body = Page<CheckView>)))]
pub(super) async fn list(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 20, 200)?;
    api.read(move |views| Answer::done(&views.checks(&d, wanted.cursor.as_ref(), limit)?)).await
}
