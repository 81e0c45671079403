//! Reads an MLflow model directory into a [`Signature`]: the file `MLmodel`, whether the files that it names are there,
//! and of an ONNX flavour the graph too. Nothing in the directory is loaded.

mod asked;
mod description;
mod environment;
mod paths;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::compat::contradictions;
use domain::model::Signature;
use domain::python::AskedEnvironment;
use serde_json::Value;

use super::onnx::{self, Beside};
use super::{Unreadable, folder};
pub(super) use description::FILE;
#[cfg(test)]
pub(crate) use description::LARGEST;
pub use description::{Description, describe};
use description::{named, options, text, why};
pub(crate) use environment::requested;
use paths::Named;

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
