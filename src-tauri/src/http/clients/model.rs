//! A client script for a model version.

use axum::response::Response;
use domain::id::{ModelName, ModelVersion};
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
    /// Name or id of the deployment that the script is to call; by default the first one that uses the version.
    deployment: Option<String>,
}

/// Get a ready script that calls a deployment of this model version, with example values made from its signature.
#[utoipa::path(get, path = "/models/{name}/versions/{version}/client", tag = "models", params(Wanted),
    responses((status = 200, content((String = "text/x-python"), (String = "text/x-shellscript")))))]
pub(super) async fn client(
    api: ApiFor,
    PathParams((name, version)): PathParams<(ModelName, ModelVersion)>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Response, Refusal> {
    let (deployment, language) = (wanted.deployment, wanted.language);
    let (model, gateway) = api.read(move |views| views.asked(name, version, deployment.as_deref())).await?;
    let (named, runtime) = (model.reference(), model.runtime());
    let route = model.custom.as_ref().and_then(|custom| custom.predict.as_deref());
    let client = Client {
        name: format!("{}-{}", named.name, named.version),
        path: path(runtime, route, &named.name),
        example: example(&model, runtime),
        model: Some(named),
        url: model.url.or(gateway),
    };
    Ok(script(&client, language))
}
