//! Use cases: which deployments belong together (DR-14).

use domain::id::UseCaseId;
use domain::use_case::UseCaseTerms;
use domain::wire::{DeploymentView, Page, UseCaseChange, UseCaseView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor, Include, Matching, Resource};
use crate::commands::{self, Expected, Refusal};
use crate::http::requests::{JsonBody, PathParams, QueryParams, WithoutBody, WithoutQuery, limit};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(deployments))
        .routes(routes!(link, unlink))
}

/// The page that is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(pattern = r"^-?[0-9]{1,18}\.")]
    cursor: Option<String>,
}

/// List the use cases that the caller made, or of which they may open a deployment; administrators see all.
#[utoipa::path(get, path = "/use-cases", tag = "use cases", responses((status = 200, body = Page<UseCaseView>)))]
async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(views.use_cases()?)).await
}

/// One use case.
#[utoipa::path(get, path = "/use-cases/{id}", tag = "use cases", responses((status = 200, body = UseCaseView)))]
async fn show(api: ApiFor, PathParams(id): PathParams<UseCaseId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.use_case(&id)?)?.hashed())).await
}

/// Make a use case.
#[utoipa::path(post, path = "/use-cases", tag = "use cases", request_body = UseCaseTerms,
    responses((status = 201, body = UseCaseView)))]
async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<UseCaseTerms>) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let id = commands::create_use_case(act, body)?;
        Answer::created(Resource::UseCase(id.clone()), &api.views(act).use_case(&id)?)
    })
    .await
}

/// Change the name or the description of a use case.
#[utoipa::path(patch, path = "/use-cases/{id}", tag = "use cases", request_body = UseCaseChange,
    responses((status = 200, body = UseCaseView)))]
async fn change(
    api: ApiFor,
    PathParams(id): PathParams<UseCaseId>,
    JsonBody { body, key }: JsonBody<UseCaseChange>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        commands::change_use_case(act, &id, &body)?;
        Answer::done(&api.views(act).use_case(&id)?)
    })
    .await
}

/// Delete a use case that no policy and no freeze names. Its deployments stay, and are linked to it no more.
#[utoipa::path(delete, path = "/use-cases/{id}", tag = "use cases", responses((status = 200, body = UseCaseView)))]
async fn delete(api: ApiFor, PathParams(id): PathParams<UseCaseId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let answer = Answer::done(&api.views(act).use_case(&id)?)?;
        commands::delete_use_case(act, &id)?;
        Ok(answer)
    })
    .await
}

/// List those deployments of a use case that the caller may open, by name.
#[utoipa::path(get, path = "/use-cases/{id}/deployments", tag = "use cases", params(Wanted),
    responses((status = 200, body = Page<DeploymentView>)))]
async fn deployments(
    api: ApiFor,
    PathParams(id): PathParams<UseCaseId>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let matching = Matching { q: String::new(), cursor: wanted.cursor, limit };
    api.read(move |views| Answer::done(&views.deployments_of(&id, &matching)?)).await
}

/// Link a deployment to a use case. Where a policy or a freeze names the use case, owners of the deployment do so.
#[utoipa::path(put, path = "/use-cases/{id}/deployments/{d}", tag = "use cases",
    responses((status = 200, body = DeploymentView)))]
async fn link(
    api: ApiFor,
    PathParams((id, d)): PathParams<(UseCaseId, String)>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        commands::link_use_case(act, &row, &id)?;
        Answer::done(&api.views(act).deployment(row.name.as_str(), Include::default())?)
    })
    .await
}

/// Take a deployment out of a use case. Where a policy or a freeze names the use case, administrators do so.
#[utoipa::path(delete, path = "/use-cases/{id}/deployments/{d}", tag = "use cases",
    responses((status = 200, body = DeploymentView)))]
async fn unlink(
    api: ApiFor,
    PathParams((id, d)): PathParams<(UseCaseId, String)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        commands::unlink_use_case(act, &row, &id)?;
        Answer::done(&api.views(act).deployment(row.name.as_str(), Include::default())?)
    })
    .await
}
