//! Predictions by hand: what a deployment takes, and a request to it (DR-15).

use domain::wire::{AskPrediction, InputView, PredictionView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(input)).routes(routes!(predict))
}

/// Read which input a deployment takes: the form that the signature of its model makes, an example, and the path.
#[utoipa::path(get, path = "/deployments/{d}/input", tag = "deployments", responses((status = 200, body = InputView)))]
async fn input(api: ApiFor, PathParams(d): PathParams<String>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Answer::done(&views.input(&d)?)).await
}

/// Ask a deployment for a prediction. The request goes through the gateway, is routed, counted and limited as every other,
/// and shows the deployment's own credential. The answer has status 200 and says which status the model or the gateway gave.
#[utoipa::path(post, path = "/deployments/{d}/predict", tag = "deployments", request_body = AskPrediction,
    responses((status = 200, body = PredictionView)))]
async fn predict(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, .. }: JsonBody<AskPrediction>,
) -> Result<Answer, Refusal> {
    api.predict(d, body).await
}
