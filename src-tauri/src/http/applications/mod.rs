//! Applications: a page for a deployment on which anyone with access asks for predictions (DR-15).

use domain::wire::{ApplicationTerms, ApplicationView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Expected, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show, put, delete))
}

/// Read the application of a deployment.
#[utoipa::path(get, path = "/deployments/{d}/application", tag = "deployments",
    responses((status = 200, body = ApplicationView)))]
async fn show(api: ApiFor, PathParams(d): PathParams<String>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.application(&d)?)?.hashed())).await
}

/// Make the application of a deployment, or change it.
#[utoipa::path(put, path = "/deployments/{d}/application", tag = "deployments", request_body = ApplicationTerms,
    responses((status = 200, body = ApplicationView)))]
async fn put(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<ApplicationTerms>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        commands::put_application(act, &row, body)?;
        Answer::done(&api.views(act).application(row.id.as_str())?)
    })
    .await
}

/// Delete the application of a deployment. The deployment stays as it is.
#[utoipa::path(delete, path = "/deployments/{d}/application", tag = "deployments",
    responses((status = 200, body = ApplicationView)))]
async fn delete(api: ApiFor, PathParams(d): PathParams<String>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        let answer = Answer::done(&api.views(act).application(row.id.as_str())?)?;
        commands::delete_application(act, &row)?;
        Ok(answer)
    })
    .await
}
