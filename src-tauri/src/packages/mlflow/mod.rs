//! Reads an MLflow model directory into a [`Signature`]: the file `MLmodel`, whether the files that it names are there,
//! and of an ONNX flavour the graph too. Nothing in the directory is loaded.

mod asked;
mod environment;
mod paths;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::compat::contradictions;
use domain::model::{Format, Parameter, Signature};
use domain::python::AskedEnvironment;
use serde_json::Value;
use serde_saphyr::Options;

use super::folder;
use super::listing::scalar;
use super::onnx::{self, Beside};
use super::{Unreadable, properties, sniff};
use environment::Files;
pub(crate) use environment::requested;
use paths::{Named, SCRIPT};

/// The file that describes the model.
pub(super) const FILE: &str = "MLmodel";
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

/// What a file `MLmodel` says.
#[derive(Debug)]
pub struct Description {
    /// The inputs and outputs, as far as the file names them.
    pub signature: Signature,
    /// Files and folders that it names.
    artifacts: Vec<Named>,
    /// The ONNX file of an ONNX flavour.
    onnx: Option<String>,
    /// Files with an input example, the best first.
    examples: Vec<String>,
    /// The files that hold its requirements.
    files: Files,
}

/// An MLflow model.
#[derive(Debug)]
pub struct Model {
    /// The inputs and outputs, as far as its files name them.
    pub signature: Signature,
    /// The Python environment that it asks for.
    pub environment: AskedEnvironment,
    /// Its ONNX file, if it has one.
    pub graph: Option<PathBuf>,
}

/// Reads the directory `folder`; its ONNX file, if it has one, may have `limit` bytes.
///
/// # Errors
/// [`Unreadable`], when the file is damaged, or names a file that is not in the directory.
pub fn read(folder: &Path, limit: u64) -> Result<Model, Unreadable> {
    let mut description = describe(&text(folder)?)?;
    for artifact in &description.artifacts {
        paths::find(folder, artifact)?;
    }
    let found = |example: &String| paths::find(folder, &file(example)).ok().filter(|(path, _)| path.is_file());
    description.signature.input_example = description.examples.iter().find_map(found).map(|(_, place)| place);
    let graph = graph_of(folder, &description)?;
    if let Some(path) = &graph {
        let beside = path.parent().unwrap_or(folder);
        complete(&mut description.signature, onnx::read_file(path, limit, Beside::Folder(beside))?);
    }
    let environment = match environment::read(folder, &description.files) {
        Err(Unreadable::Environment(why)) if description.onnx.is_some() => {
            // The built-in runtime needs none.
            AskedEnvironment { left_out: vec![why], impossible: true, ..AskedEnvironment::default() }
        }
        read => read?,
    };
    Ok(Model { signature: description.signature, environment, graph })
}

/// The ONNX file of the directory `folder`, if it has one.
///
/// # Errors
/// As [`read`].
pub(crate) fn graph(folder: &Path) -> Result<Option<PathBuf>, Unreadable> {
    graph_of(folder, &describe(&text(folder)?)?)
}

fn graph_of(folder: &Path, description: &Description) -> Result<Option<PathBuf>, Unreadable> {
    let Some(onnx) = &description.onnx else { return Ok(None) };
    let (path, _) = paths::find(folder, &file(onnx))?;
    if path.is_file() { Ok(Some(path)) } else { Err(Unreadable::ArtifactMissing(folder::shown(onnx))) }
}

fn file(path: &str) -> Named {
    Named { path: path.to_owned(), script: false }
}

/// The version of MLflow that wrote the directory `folder`, in its own words; none where it does not say.
///
/// # Errors
/// As [`read`].
pub(crate) fn version(folder: &Path) -> Result<Option<String>, Unreadable> {
    #[derive(serde::Deserialize)]
    struct Written {
        #[serde(default)]
        mlflow_version: Option<String>,
    }
    let text = text(folder)?;
    let written = serde_saphyr::from_str_with_options(&String::from_utf8_lossy(&text), options());
    let damaged = |fault| Unreadable::Contradiction { format: FILE, why: why(&fault) };
    written.map(|Written { mlflow_version }| mlflow_version).map_err(damaged)
}

fn text(folder: &Path) -> Result<Vec<u8>, Unreadable> {
    let too_large = Unreadable::Implausible { format: FORMAT, what: "an MLmodel of more than 4 MiB" };
    folder::small(&folder.join(FILE), LARGEST)?.ok_or(too_large)
}

/// The file `MLmodel` of `folder` with its paths as they are there, where it names any in the words of another machine,
/// which MLflow would not find; none where there is nothing to change.
///
/// # Errors
/// As [`read`].
pub(crate) fn rewritten(folder: &Path) -> Result<Option<Vec<u8>>, Unreadable> {
    let text = text(folder)?;
    let description = describe(&text)?;
    let mut places = BTreeMap::new();
    for named in description.artifacts {
        let (_, place) = paths::find(folder, &named)?;
        if place != named.path {
            places.insert(named.path, place);
        }
    }
    if places.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&text);
    let damaged = |why: String| Unreadable::Contradiction { format: FILE, why };
    let mut document: Value =
        serde_saphyr::from_str_with_options(&text, options()).map_err(|fault| damaged(why(&fault)))?;
    for flavor in
        document.get_mut("flavors").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut())
    {
        for path in named(flavor) {
            if let Some(place) = path.as_str().and_then(|path| places.get(path)) {
                *path = Value::from(place.as_str());
            }
        }
    }
    // JSON is YAML too.
    serde_json::to_vec_pretty(&document).map(Some).map_err(|fault| damaged(fault.to_string()))
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
fn options() -> Options {
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

/// Where a line begins, in bytes.
fn line(text: &str, number: u64) -> u64 {
    let before = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.split_inclusive('\n').take(before).map(|line| line.len() as u64).sum()
}

/// The fault in the text, in words that need no knowledge of the parser.
fn why(fault: &serde_saphyr::Error) -> String {
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
fn named(flavor: &mut Value) -> Vec<&mut Value> {
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

/// What people wrote beside the model; what is no scalar, as JSON.
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

/// Fills in what the graph says and the file `MLmodel` does not.
fn complete(signature: &mut Signature, graph: Signature) {
    signature.contradictions = contradictions(signature, &graph);
    if signature.absent {
        signature.absent = false;
        signature.inputs = graph.inputs;
        signature.outputs.clone_from(&graph.outputs);
    }
    for output in &mut signature.outputs {
        let same = graph.outputs.iter().find(|port| port.name == output.name);
        output.meaning = output.meaning.or(same.and_then(|port| port.meaning));
    }
    if signature.classes.is_none() {
        signature.classes = graph.classes;
        signature.class_titles = graph.class_titles;
        signature.class_source = graph.class_source;
        signature.class_count = graph.class_count;
    }
    signature.features = signature.features.take().or(graph.features);
    signature.target.name = signature.target.name.take().or(graph.target.name);
    signature.target.task = signature.target.task.or(graph.target.task);
    signature.series = signature.series.take().or(graph.series);
    signature.interval_level = signature.interval_level.or(graph.interval_level);
    signature.opsets = graph.opsets;
    signature.ir_version = graph.ir_version;
}
