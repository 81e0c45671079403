//! The parts of a client script, whatever it is written in.

use domain::configuration::{Routes, Runtime};
use domain::id::{ModelName, ModelRef};
use domain::model::{PackageKind, RegisteredModel, sample_within};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Most elements of an example: an image has as many. One that holds more is no example to read, and would cost a
/// hundred bytes for each.
const MOST_ELEMENTS: u64 = 1 << 18;

/// The language of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Language {
    /// Python 3, with nothing but its standard library.
    #[default]
    Python,
    /// A POSIX shell with curl.
    Curl,
}

/// The example request for `model` in `runtime`. None where nothing says what goes in, and where the runtime goes by
/// something else than what was read from
/// the package: an MLflow directory tells of columns, and the ONNX file inside takes tensors.
pub(super) fn example(model: &RegisteredModel, runtime: Runtime) -> Option<Value> {
    if model.kind == PackageKind::Mlflow && runtime == Runtime::Onnx || model.signature.inputs.is_empty() {
        return None;
    }
    Some(sample_within(&model.signature, runtime, &model.reference(), MOST_ELEMENTS)?.body)
}

/// The path below the URL at which `model` predicts: `route`, or that of `runtime`.
pub(super) fn path(runtime: Runtime, route: Option<&str>, model: &ModelName) -> String {
    match (runtime, route) {
        (Runtime::External, _) => String::new(),
        (_, Some(route)) => route.replace("{model}", model.as_str()),
        (Runtime::Mlflow, None) => "/invocations".to_owned(),
        (Runtime::Onnx | Runtime::Trees | Runtime::Command | Runtime::Custom, None) => {
            Routes::default().predict.replace("{model}", model.as_str())
        }
    }
}

/// The facts that a script is made from. Names in it are those of models and deployments, whose characters mean nothing
/// in any language; everything else is quoted.
#[derive(Debug)]
pub(super) struct Client {
    /// The file's name without its ending.
    pub(super) name: String,
    /// The model that is asked, where that is known.
    pub(super) model: Option<ModelRef>,
    /// The inference URL, unless it has to be given.
    pub(super) url: Option<String>,
    /// The path of requests below the URL.
    pub(super) path: String,
    /// The example, unless the signature says too little for one.
    pub(super) example: Option<Value>,
}

impl Client {
    /// The purpose of the script, in a sentence.
    pub(super) fn purpose(&self) -> String {
        match &self.model {
            Some(model) => format!("Asks {model} for a prediction."),
            None => "Asks for a prediction.".to_owned(),
        }
    }
}
