//! Freezes: when nothing is started.

use domain::freeze::FreezeTerms;
use domain::id::FreezeId;
use domain::wire::{FreezeView, OccurrencesView, Page};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor, Resource};
use crate::commands::{self, Act, Refusal};
use crate::http::requests::{JsonBody, PathParams, QueryParams, WithoutBody, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(show, change, delete))
        .routes(routes!(lift))
        .routes(routes!(occurrences))
}

/// The time in which occurrences are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Between {
    /// Its beginning, RFC 3339; by default now.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Its end, RFC 3339; by default five weeks later.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// List freezes.
#[utoipa::path(get, path = "/freezes", tag = "freezes", responses((status = 200, body = Page<FreezeView>)))]
async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::done(&Page { items: views.freezes()?, next_cursor: None })).await
}

/// One freeze.
#[utoipa::path(get, path = "/freezes/{id}", tag = "freezes", responses((status = 200, body = FreezeView)))]
async fn show(api: ApiFor, PathParams(id): PathParams<FreezeId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.freeze(&id)?)?.hashed())).await
}

/// Make a freeze.
#[utoipa::path(post, path = "/freezes", tag = "freezes", request_body = FreezeTerms,
    responses((status = 201, body = FreezeView)))]
async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<FreezeTerms>) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let id = commands::create_freeze(act, body)?;
        Answer::created(Resource::Freeze(id.clone()), &api.views(act).freeze(&id)?)
    })
    .await
}

async fn with(
    api: ApiFor,
    key: Option<crate::api::IdempotencyKey>,
    id: FreezeId,
    work: impl FnOnce(&mut Act<'_, '_>, &FreezeId) -> Result<(), Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        work(act, &id)?;
        Answer::done(&api.views(act).freeze(&id)?)
    })
    .await
}

/// Change a freeze.
#[utoipa::path(put, path = "/freezes/{id}", tag = "freezes", request_body = FreezeTerms,
    responses((status = 200, body = FreezeView)))]
async fn change(
    api: ApiFor,
    PathParams(id): PathParams<FreezeId>,
    JsonBody { body, key }: JsonBody<FreezeTerms>,
) -> Result<Answer, Refusal> {
    with(api, key, id, move |act, id| commands::change_freeze(act, id, body)).await
}

/// Lift a freeze that is a switch.
#[utoipa::path(post, path = "/freezes/{id}/lift", tag = "freezes", responses((status = 200, body = FreezeView)))]
async fn lift(
    api: ApiFor,
    PathParams(id): PathParams<FreezeId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    with(api, key, id, commands::lift_freeze).await
}

/// Delete a freeze. What waited for its end starts.
#[utoipa::path(delete, path = "/freezes/{id}", tag = "freezes", responses((status = 200, body = FreezeView)))]
async fn delete(api: ApiFor, PathParams(id): PathParams<FreezeId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let answer = Answer::done(&api.views(act).freeze(&id)?)?;
        commands::delete_freeze(act, &id)?;
        Ok(answer)
    })
    .await
}

/// List the occurrences of a freeze, with what changes of the clocks do to them; at most 400.
#[utoipa::path(get, path = "/freezes/{id}/occurrences", tag = "freezes", params(Between),
    responses((status = 200, body = OccurrencesView)))]
async fn occurrences(
    api: ApiFor,
    PathParams(id): PathParams<FreezeId>,
    QueryParams(between): QueryParams<Between>,
) -> Result<Answer, Refusal> {
    api.read(move |views| {
        let terms = views.freeze_terms(&id)?;
        Answer::done(&views.occurrences(&terms, between.from, between.until)?)
    })
    .await
}

/// List the occurrences that a freeze would have, without making it; at most 400.
#[utoipa::path(post, path = "/freezes/preview", tag = "freezes", params(Between), request_body = FreezeTerms,
    responses((status = 200, body = OccurrencesView)))]
async fn preview(
    api: ApiFor,
    QueryParams(between): QueryParams<Between>,
    JsonBody { body, key }: JsonBody<FreezeTerms>,
) -> Result<Answer, Refusal> {
    api.ask(key, move |views| Answer::done(&views.occurrences(&body, between.from, between.until)?)).await
}
