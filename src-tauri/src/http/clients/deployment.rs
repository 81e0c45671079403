//! A client script for a deployment.

use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::client::{Client, Language, example, path};
use super::script::script;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams};

/// The script that is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `python` (default) or `curl`.
    #[param(inline)]
    language: Language,
}

/// Get a ready script that calls a deployment, with example values created from the signature of its model.
#[utoipa::path(get, path = "/deployments/{d}/client", tag = "deployments", params(Wanted),
    responses((status = 200, content((String = "text/x-python"), (String = "text/x-shellscript")))))]
pub(super) async fn client(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Response, Refusal> {
    let served = api.read(move |views| views.served(&d)).await?;
    let runtime = served.configuration.runtime;
    let bound = served.configuration.models.first().cloned();
    let model = served.model;
    let custom = model.as_ref().and_then(|model| model.custom.as_ref());
    let route = served.configuration.serving_routes(custom).predict;
    let example = model.as_ref().and_then(|model| example(model, runtime));
    let path = match &bound {
        Some(bound) => path(runtime, Some(&route), &bound.name),
        None => route,
    };
    let elsewhere = model.and_then(|model| model.url);
    let client = Client {
        url: Some(elsewhere.unwrap_or(served.url)),
        name: served.name.to_string(),
        model: bound,
        path,
        example,
    };
    Ok(script(&client, wanted.language))
}
