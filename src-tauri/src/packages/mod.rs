//! Model packages: what a file says about itself, and where files are kept.

pub mod archive;
pub mod artifacts;
pub mod onnx;

use std::fs;
use std::path::{Path, PathBuf};

use domain::compat::CheckName;
use domain::model::{PackageKind, Signature};

pub use onnx::Unreadable;

/// What a file or folder is.
#[derive(Debug)]
pub struct Package {
    /// Which kind.
    pub kind: PackageKind,
    /// Path of the model inside the folder; empty when the file is the model.
    pub entry: String,
    /// What it takes and gives.
    pub signature: Signature,
}

/// Reads the ONNX file at `path`, or the only one of a folder, of at most `limit` bytes.
///
/// # Errors
/// See [`Unreadable`].
pub fn read(path: &Path, limit: u64) -> Result<Package, Unreadable> {
    let (file, beside, entry) = if path.is_dir() {
        let name = only(path)?;
        (path.join(&name), onnx::Beside::Folder(path), name)
    } else {
        (path.to_owned(), onnx::Beside::Nothing, String::new())
    };
    let signature = onnx::read_file(&file, limit, beside)?;
    Ok(Package { kind: PackageKind::Onnx, entry, signature })
}

fn only(folder: &Path) -> Result<String, Unreadable> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        found.extend(path.extension().is_some_and(|end| end == "onnx").then_some(path));
    }
    let name = found.first().filter(|_| found.len() == 1).and_then(|path| path.file_name()?.to_str());
    name.map(str::to_owned).ok_or(Unreadable::NotOnnx("a folder without one ONNX file"))
}

impl Unreadable {
    /// What of the compatibility report it fails, in the words of the contract.
    pub fn checks(&self) -> Vec<CheckName> {
        match self {
            Self::Empty | Self::NotOnnx(_) => vec![CheckName::NotAModel],
            Self::External(_) => vec![CheckName::ExternalData],
            _ => vec![CheckName::NotLoadable],
        }
    }
}
