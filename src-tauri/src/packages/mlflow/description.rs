//! Reads the text of a file `MLmodel`.

use std::collections::BTreeMap;
use std::path::Path;

use domain::model::{Format, Parameter, Signature};
use serde_json::Value;
use serde_saphyr::Options;

use super::paths::{Named, SCRIPT};
use super::schema;
use crate::packages::listing::scalar;
use crate::packages::{Unreadable, folder, properties, sniff};

/// The file that describes the model.
pub(in crate::packages) const FILE: &str = "MLmodel";
/// Largest such file.
pub(crate) const LARGEST: u64 = 4 << 20;
/// Deepest nesting in it.
const DEEPEST: usize = 64;
const FORMAT: &str = Format::Mlflow.title();

/// Keys of a flavour whose value is a path inside the directory.
const PATHS: [&str; 10] = [
    "model_path",
    "data",
    "code",
    "pickled_model",
    "model_data",
    "model_binary",
    "python_model",
    "saved_model_dir",
    SCRIPT,
    "processor_binary",
];

/// The content of a file `MLmodel`.
#[derive(Debug)]
pub struct Description {
    /// The inputs and outputs, as far as the file names them.
    pub signature: Signature,
    /// Files and folders that it names.
    pub(super) artifacts: Vec<Named>,
    /// The ONNX file of an ONNX flavour.
    pub(super) onnx: Option<String>,
    /// Files with an input example, the best first.
    pub(super) examples: Vec<String>,
    /// The files that hold the model's requirements.
    pub(super) files: Files,
}

/// The files that hold a model's requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) conda: String,
    pub(super) virtualenv: String,
    /// The files that the flavour names.
    pub(super) named: Vec<String>,
    pub(super) python: Option<String>,
}

impl Files {
    /// The files that the flavour names, else the names that MLflow gives them.
    pub(super) fn of(flavor: Option<&Value>) -> Self {
        let environment = flavor.and_then(|flavor| flavor.get("env"));
        let file = |key: &str| environment.and_then(|all| all.get(key)).and_then(Value::as_str).map(str::to_owned);
        // Releases before 2.0 named only conda's.
        let conda = file("conda").or_else(|| environment.and_then(Value::as_str).map(str::to_owned));
        let virtualenv = file("virtualenv");
        Self {
            named: conda.iter().chain(&virtualenv).cloned().collect(),
            conda: conda.unwrap_or_else(|| "conda.yaml".to_owned()),
            virtualenv: virtualenv.unwrap_or_else(|| "python_env.yaml".to_owned()),
            python: flavor.and_then(|flavor| flavor.get("python_version")).and_then(scalar),
        }
    }
}

pub(super) fn text(folder: &Path) -> Result<Vec<u8>, Unreadable> {
    let too_large = Unreadable::Implausible { format: FORMAT, what: "an MLmodel of more than 4 MiB" };
    folder::small(&folder.join(FILE), LARGEST)?.ok_or(too_large)
}

/// Reads the text of a file `MLmodel`.
///
/// # Errors
/// [`Unreadable`] when it is empty, no YAML, or no description of a model.
pub fn describe(text: &[u8]) -> Result<Description, Unreadable> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::EmptyMlmodel);
    }
    let unusable = |why: String| Unreadable::Contradiction { format: FILE, why };
    let text = str::from_utf8(text).map_err(|fault| Unreadable::Damaged {
        format: FILE,
        at: fault.valid_up_to() as u64,
        why: "it is not UTF-8".to_owned(),
    })?;
    let mut document: Value = serde_saphyr::from_str_with_options(text, options()).map_err(|fault| {
        let at = fault.location().map_or(0, |location| line(text, location.line()));
        Unreadable::Damaged { format: FILE, at, why: why(&fault) }
    })?;
    let Some(flavors) = document.get("flavors").and_then(Value::as_object).filter(|flavors| !flavors.is_empty()) else {
        let look = sniff::guess(text.as_bytes());
        if look != sniff::PLAIN_TEXT {
            return Err(Unreadable::Other(look));
        }
        return Err(unusable("it names no flavour, so nothing can load the model".to_owned()));
    };
    let artifacts = flavors.values().flat_map(artifacts).collect();
    let files = Files::of(flavors.get("python_function"));
    let onnx = flavors.get("onnx").and_then(|flavor| flavor.get("data")).and_then(Value::as_str).map(str::to_owned);
    let mut signature = Signature {
        format: Format::Mlflow,
        flavors: flavors.keys().cloned().collect(),
        producer: document
            .get("mlflow_version")
            .and_then(scalar)
            .map(|version| format!("MLflow {version}"))
            .unwrap_or_default(),
        run_id: document.get("run_id").and_then(scalar),
        metadata: metadata(document.get("metadata")),
        ..Signature::default()
    };
    match document.get("signature").filter(|signature| !signature.is_null()) {
        None => signature.absent = true,
        Some(declared) if !declared.is_object() => {
            return Err(unusable("its signature is neither left out nor a list of inputs and outputs".to_owned()));
        }
        Some(declared) => {
            let part = |key: &str| declared.get(key).filter(|part| !part.is_null());
            signature.inputs = part("inputs").map(schema::fields).transpose().map_err(unusable)?.unwrap_or_default();
            signature.outputs = part("outputs").map(schema::fields).transpose().map_err(unusable)?.unwrap_or_default();
            let parameters = part("params").map(schema::parameters).transpose().map_err(unusable)?;
            signature.parameters = parameters.unwrap_or_default();
            signature.absent = signature.inputs.is_empty() && signature.outputs.is_empty();
        }
    }
    properties::describe(&mut signature);
    if signature.interval_level.is_none() {
        signature.interval_level = interval(&signature);
    }
    let example = document.get_mut("saved_input_example_info").map(Value::take).unwrap_or_default();
    let examples = ["serving_input_path", "artifact_path"]
        .iter()
        .filter_map(|key| example.get(*key).and_then(Value::as_str).map(str::to_owned))
        .collect();
    Ok(Description { signature, artifacts, onnx, examples, files })
}

/// Limits on aliases, depth and nodes, so that a small file cannot cost much.
pub(super) fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_documents: 1,
            max_aliases: 64,
            max_anchors: 64,
            max_nodes: 50_000,
            max_events: 200_000,
        },
        with_snippet: false,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
    }
}

/// The place in bytes at which a line begins.
fn line(text: &str, number: u64) -> u64 {
    let before = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.split_inclusive('\n').take(before).map(|line| line.len() as u64).sum()
}

/// The fault in the text, in words that need no knowledge of the parser.
pub(super) fn why(fault: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    let much = || "it nests or repeats more than a description of a model does".to_owned();
    match fault {
        Error::AliasError { error, .. } => why(error),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } => "it holds more than one document".to_owned(),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasExpansionLimitExceeded { .. } => {
            much()
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("it says {} twice", shown(key)),
        other => match other.to_string().lines().next().unwrap_or_default() {
            deep if deep.starts_with("recursion limit") => much(),
            line => shown(line),
        },
    }
}

/// A text of bounded length.
fn shown(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Files and folders that a flavour names.
fn artifacts(flavor: &Value) -> Vec<Named> {
    let own = PATHS.iter().filter_map(|key| Some((flavor.get(*key)?, *key == SCRIPT)));
    let named = flavor.get("artifacts").and_then(Value::as_object).into_iter().flat_map(|named| named.values());
    let named = named.filter_map(|artifact| Some((artifact.get("path")?, false)));
    let paths = own.chain(named).filter_map(|(path, script)| Some((path.as_str()?, script)));
    paths.filter(|(path, _)| !path.is_empty()).map(|(path, script)| Named { path: path.to_owned(), script }).collect()
}

/// The same places, to be changed.
pub(super) fn named(flavor: &mut Value) -> Vec<&mut Value> {
    let mut places = Vec::new();
    for (key, value) in flavor.as_object_mut().into_iter().flatten() {
        if PATHS.contains(&key.as_str()) {
            places.push(value);
        } else if key == "artifacts" {
            let artifacts = value.as_object_mut().into_iter().flat_map(|named| named.values_mut());
            places.extend(artifacts.filter_map(|artifact| artifact.get_mut("path")));
        }
    }
    places
}

/// The properties that people wrote beside the model; those that are no scalars, as JSON.
fn metadata(metadata: Option<&Value>) -> BTreeMap<String, String> {
    let pairs = metadata.and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| scalar(value).unwrap_or_else(|| value.to_string());
    pairs.filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), text(value))).collect()
}

/// The level of intervals that are among the outputs and that a parameter sets.
fn interval(signature: &Signature) -> Option<f64> {
    let ends = |end: &str| signature.outputs.iter().any(|output| output.name.to_lowercase().ends_with(end));
    if !(ends("lower") && ends("upper")) {
        return None;
    }
    let level = |parameter: &Parameter| {
        let name = parameter.name.to_lowercase();
        let named = ["confidence", "interval", "coverage"].iter().any(|word| name.contains(word));
        if named { scalar(&parameter.default).and_then(|text| properties::level(&text)) } else { None }
    };
    signature.parameters.iter().find_map(level)
}
