//! Model packages: what a file or folder says about itself, and where files are kept.
//!
//! # Flow
//!
//! [`read`] decides from the content what a package is, and hands it to the reader of its format. Every reader gives a
//! [`Signature`], or an [`Unreadable`] that says why not.
//!
//! # Guarantees
//!
//! Nothing is executed or loaded, nothing is written, nothing outside the package is opened. Whatever the bytes, time
//! grows with their number and memory stays below a bound.

pub mod archive;
pub mod artifacts;
mod folder;
mod listing;
pub mod mlflow;
pub mod onnx;
mod properties;
mod sidecar;
pub mod sniff;
pub mod trees;
mod unreadable;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use domain::model::{Format, PackageKind, Signature};
use domain::python::AskedEnvironment;

use folder::Listed;
use onnx::Beside;
pub use unreadable::Unreadable;

/// A package that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// The kind of package, which says by which runtime it is run.
    pub kind: PackageKind,
    /// Path of the model inside the folder, of an MLflow model that of its folder; empty when what was read is that
    /// itself.
    pub entry: String,
    /// The inputs and outputs of the model.
    pub signature: Signature,
    /// The ONNX file that the built-in runtime loads, where it serves the package.
    pub graph: Option<PathBuf>,
    /// The Python environment that the package asks for.
    pub environment: Option<AskedEnvironment>,
}

/// Reads the file or folder at `path`; the file with the model may have `limit` bytes.
///
/// # Errors
/// See [`Unreadable`].
pub fn read(path: &Path, limit: u64) -> Result<Package, Unreadable> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return read_folder(path, limit);
    }
    // To open a pipe or device could wait for ever.
    if !found.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder").into());
    }
    let signature = read_file(&mut File::open(path)?, limit, Beside::Nothing)?;
    let kind = kind(signature.format);
    let graph = (kind == PackageKind::Onnx).then(|| path.to_owned());
    Ok(Package { kind, entry: String::new(), signature, graph, environment: None })
}

/// Reads a file from its beginning; `beside` says where what belongs to it is.
///
/// # Errors
/// See [`Unreadable`].
pub fn read_file(file: &mut (impl Read + Seek), limit: u64, beside: Beside<'_>) -> Result<Signature, Unreadable> {
    let size = file.seek(io::SeekFrom::End(0))?;
    if size == 0 {
        return Err(Unreadable::Empty);
    }
    if size > limit {
        return Err(Unreadable::TooLarge { size, limit });
    }
    let mut head = Vec::new();
    file.rewind()?;
    file.by_ref().take(sniff::HEAD).read_to_end(&mut head)?;
    if let Some(look) = sniff::known(&head) {
        return Err(Unreadable::Other(look));
    }
    match Format::of_trees(&head) {
        Some(Format::LightgbmText) => trees::lightgbm::read(file),
        Some(Format::XgboostUbj) => trees::xgboost::read_ubjson(file),
        Some(Format::XgboostJson) => trees::xgboost::read_json(file),
        _ => onnx::read(file, limit, beside),
    }
}

/// The kind of package by its format, which says by which runtime it is run.
fn kind(format: Format) -> PackageKind {
    match format {
        Format::Onnx | Format::Declared => PackageKind::Onnx,
        Format::Mlflow => PackageKind::Mlflow,
        Format::LightgbmText => PackageKind::Lightgbm,
        Format::XgboostJson | Format::XgboostUbj => PackageKind::Xgboost,
    }
}

/// An MLflow model, or one ONNX file with what belongs to it; at the root, or in the only folder there.
fn read_folder(root: &Path, limit: u64) -> Result<Package, Unreadable> {
    let listed = folder::list(root)?;
    let inner = match (listed.files.as_slice(), listed.folders.as_slice()) {
        ([], [only]) => Some(only.clone()),
        _ => None,
    };
    let (folder, listed) = match &inner {
        Some(inner) => (root.join(inner), folder::list(&root.join(inner))?),
        None => (root.to_owned(), listed),
    };
    let within = |name: &str| match &inner {
        Some(inner) => format!("{inner}/{name}"),
        None => name.to_owned(),
    };
    if listed.files.iter().any(|name| name == mlflow::FILE) {
        let mlflow::Model { signature, environment, graph } = mlflow::read(&folder, limit)?;
        let (entry, environment) = (inner.unwrap_or_default(), Some(environment));
        return Ok(Package { kind: PackageKind::Mlflow, entry, signature, graph, environment });
    }
    let name = only_model(&listed)?;
    let graph = folder.join(name);
    let mut signature = onnx::read_file(&graph, limit, Beside::Folder(&folder))?;
    sidecar::describe(&mut signature, &folder, &listed.files);
    let (entry, graph) = (within(name), Some(graph));
    Ok(Package { kind: PackageKind::Onnx, entry, signature, graph, environment: None })
}

/// The one ONNX file of a folder.
fn only_model(listed: &Listed) -> Result<&str, Unreadable> {
    let models: Vec<_> = listed.files.iter().filter(|name| name.to_lowercase().ends_with(".onnx")).collect();
    match models.as_slice() {
        [only] => Ok(only),
        [] if listed.files.iter().any(|name| name == "saved_model.pb") => Err(Unreadable::Other(sniff::SAVED_MODEL)),
        [] => Err(Unreadable::NoModel),
        several => Err(Unreadable::SeveralModels(several.len())),
    }
}
