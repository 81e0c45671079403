//! Uses of break-glass: listed, read, acknowledged.

use domain::id::BreakGlassId;
use domain::wire::{BreakGlassView, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, QueryParams, WithoutBody, limit};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(acknowledge))
}

/// The uses that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those that nobody has acknowledged, or only those that somebody has.
    open: Option<bool>,
    /// The most items of a page: 1 to 200; by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[A-Za-z0-9-]{1,64}$")]
    cursor: Option<String>,
}

/// List uses of break-glass, newest first.
#[utoipa::path(get, path = "/break-glass", tag = "change requests", params(Wanted),
    responses((status = 200, body = Page<BreakGlassView>)))]
async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 50, 200)?;
    api.read(move |views| Answer::done(&views.all_broken_glass(wanted.open, wanted.cursor, limit)?)).await
}

/// Acknowledge a use of break-glass, as somebody else than the one who did it.
#[utoipa::path(post, path = "/break-glass/{id}/acknowledge", tag = "change requests",
    responses((status = 200, body = BreakGlassView)))]
async fn acknowledge(
    api: ApiFor,
    PathParams(id): PathParams<BreakGlassId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        commands::acknowledge(act, &id)?;
        Answer::done(&api.views(act).broken_glass(&id)?)
    })
    .await
}
