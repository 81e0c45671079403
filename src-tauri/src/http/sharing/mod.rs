//! Who has which role on a deployment (DR-8).

use domain::wire::{AccessView, GiveRole, PutAccess};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Expected, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show, put, give))
}

/// Who has which role on a deployment.
#[utoipa::path(get, path = "/deployments/{d}/access", tag = "deployments", responses((status = 200, body = AccessView)))]
async fn show(api: ApiFor, PathParams(d): PathParams<String>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.access(&d)?)?.hashed())).await
}

/// Make the roles on a deployment those that are sent; every other one is taken back. `If-Match` names the `ETag` of
/// the access that was read.
#[utoipa::path(put, path = "/deployments/{d}/access", tag = "deployments", request_body = PutAccess,
    responses((status = 200, body = AccessView)))]
async fn put(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<PutAccess>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        if_match.check(&Answer::done(&api.views(act).access_of(&row)?)?.hashed())?;
        commands::put_access(act, &row, &body)?;
        Ok(Answer::done(&api.views(act).access_by_id(&row.id)?)?.hashed())
    })
    .await
}

/// Give one role on a deployment, change it, or take it back.
#[utoipa::path(patch, path = "/deployments/{d}/access", tag = "deployments", request_body = GiveRole,
    responses((status = 200, body = AccessView)))]
async fn give(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<GiveRole>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        commands::give_role(act, &row, &body)?;
        Ok(Answer::done(&api.views(act).access_by_id(&row.id)?)?.hashed())
    })
    .await
}
