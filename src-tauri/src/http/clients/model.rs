//! A client script for a model version.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::id::{ModelName, ModelRef, ModelVersion, TargetName};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Client, Language};
use crate::commands::{self, Refusal};
use crate::http::requests::{Asked, At};
use crate::http::serving::Serving;
use crate::http::{models, views};

/// Which script is wanted.
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
    State(serving): State<Arc<Serving>>,
    At((name, version)): At<(ModelName, ModelVersion)>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Refusal> {
    serving
        .read(move |api, reading| {
            let model = models::find(reading, name.clone(), version)?;
            let named = ModelRef { name, version };
            let deployment = match wanted.deployment {
                Some(given) => Some(commands::find(reading, &given)?.name),
                None => views::Users::of(reading, &api.live.machine(&TargetName::default()))?.first_of(&named).cloned(),
            };
            let gateway = deployment.map(|name| format!("{}/{name}", api.live.gateway_url()));
            let runtime = model.runtime();
            let route = model.custom.as_ref().and_then(|custom| custom.predict.as_deref());
            let client = Client {
                name: format!("{}-{}", named.name, named.version),
                path: super::path(runtime, route, &named.name),
                example: super::example(&model, runtime),
                model: Some(named),
                url: model.url.or(gateway),
            };
            Ok(client.script(wanted.language))
        })
        .await
}
