//! Lists a deployment's revisions.

use domain::id::RevisionNumber;
use domain::wire::{Page, RevisionView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The revisions that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,9}$")]
    cursor: Option<RevisionNumber>,
}

/// List a deployment's revisions, newest first, those still being deployed included.
#[utoipa::path(get, path = "/deployments/{d}/revisions", tag = "revisions", params(Wanted),
    responses((status = 200, body = Page<RevisionView>)))]
pub(super) async fn list(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    api.read(move |views| Answer::done(&views.revisions(&d, wanted.cursor, limit)?)).await
}
