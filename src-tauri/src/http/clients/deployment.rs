//! A client script for a deployment.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Client, Language};
use crate::commands::{self, Refusal};
use crate::http::requests::{Asked, At};
use crate::http::serving::Serving;
use crate::http::views;

/// Which script is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `python` (default) or `curl`.
    #[param(inline)]
    language: Language,
}

/// Get a ready script that calls a deployment, with example values made from the signature of its model.
#[utoipa::path(get, path = "/deployments/{d}/client", tag = "deployments", params(Wanted),
    responses((status = 200, content((String = "text/x-python"), (String = "text/x-shellscript")))))]
pub(super) async fn client(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Refusal> {
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let configuration = views::configuration_of(reading, &row)?.configuration;
            let runtime = configuration.runtime;
            let bound = configuration.models.first().cloned();
            let model = bound.as_ref().map(|bound| reading.model(bound)).transpose()?.flatten();
            let custom = model.as_ref().and_then(|model| model.custom.as_ref());
            let route = configuration.serving_routes(custom).predict;
            let example = model.as_ref().and_then(|model| super::example(model, runtime));
            let path = match &bound {
                Some(bound) => super::path(runtime, Some(&route), &bound.name),
                None => route,
            };
            let elsewhere = model.and_then(|model| model.url);
            let client = Client {
                url: Some(elsewhere.unwrap_or_else(|| format!("{}/{}", api.live.gateway_url(), row.name))),
                name: row.name.to_string(),
                model: bound,
                path,
                example,
            };
            Ok(client.script(wanted.language))
        })
        .await
}
