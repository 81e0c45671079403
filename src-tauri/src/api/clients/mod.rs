//! Client scripts, made from a signature: for a model version, and for a deployment (DR-16).

mod curl;
mod deployment;
mod model;
mod python;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::id::ModelRef;
use domain::model::SampleRequest;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new().routes(routes!(model::client)).routes(routes!(deployment::client))
}

/// What a script is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Language {
    /// Python 3, with nothing but its standard library.
    #[default]
    Python,
    /// A POSIX shell with curl.
    Curl,
}

/// What a script is made from. Names in it are those of models and deployments, whose characters mean nothing in any
/// language; everything else is quoted.
#[derive(Debug)]
struct Client {
    /// The file's name without its ending.
    name: String,
    /// The model that is asked, where that is known.
    model: Option<ModelRef>,
    /// The inference URL, unless it has to be given.
    url: Option<String>,
    /// Where requests go below the URL.
    path: String,
    /// The example, unless the signature says too little for one.
    example: Option<SampleRequest>,
}

impl Client {
    /// The script, to be saved as a file.
    fn script(&self, language: Language) -> Response {
        let (text, media, ending) = match language {
            Language::Python => (python::script(self), "text/x-python; charset=utf-8", "py"),
            Language::Curl => (curl::script(self), "text/x-shellscript; charset=utf-8", "sh"),
        };
        let head = [
            (header::CONTENT_TYPE, media.to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-client.{ending}\"", self.name)),
        ];
        (head, text).into_response()
    }

    /// What it does, in a sentence.
    fn purpose(&self) -> String {
        match &self.model {
            Some(model) => format!("Asks {model} for a prediction."),
            None => "Asks for a prediction.".to_owned(),
        }
    }
}
