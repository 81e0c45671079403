//! Weights that an ONNX file keeps in other files.

use std::fs;
use std::path::{Component, Path};

use super::proto::Entry;

/// Where the other files of a package are.
#[derive(Clone, Copy, Debug)]
pub enum Beside<'a> {
    /// The package is one file: there are none.
    Nothing,
    /// In this folder, the one that the ONNX file is in.
    Folder(&'a Path),
}

/// Why weights in another file are refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExternalError {
    /// A path from the root could be any file of this machine.
    #[error("the model keeps weights at the absolute path \"{0}\", which is refused; save it with its weights inside")]
    Absolute(String),
    /// `..`, or a link that leads out.
    #[error(
        "the model keeps weights at \"{0}\", outside its own folder, which is refused; save it with its weights inside"
    )]
    Outside(String),
    /// There is no such file.
    #[error("the model keeps weights in the file \"{0}\", which is missing from the package")]
    Missing(String),
    /// The file ends too early.
    #[error("the model keeps weights in the file \"{0}\", which is shorter than the model says")]
    Short(String),
    /// The package is a single file.
    #[error(
        "the model keeps weights in another file, \"{0}\", and a single file was sent; save it with its weights inside"
    )]
    NotInside(String),
    /// It does not say where.
    #[error("the model keeps weights in another file and does not say which")]
    Unnamed,
}

/// Longest path that an error repeats.
const ECHO: usize = 200;

/// Checks the place that `entries` of an external tensor name.
pub(super) fn check(entries: &[Entry], beside: Beside<'_>) -> Result<(), ExternalError> {
    let value = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
    let location = value("location").filter(|location| !location.is_empty()).ok_or(ExternalError::Unnamed)?;
    let shown = || location.chars().take(ECHO).flat_map(char::escape_debug).collect::<String>();
    let path = Path::new(location);
    // A backslash or a drive letter means a path on another system.
    let drive = location.as_bytes().get(1) == Some(&b':');
    if path.is_absolute() || location.starts_with('\\') || drive {
        return Err(ExternalError::Absolute(shown()));
    }
    let climbs =
        path.components().any(|part| part == Component::ParentDir) || location.split('\\').any(|part| part == "..");
    if climbs || location.contains('\0') {
        return Err(ExternalError::Outside(shown()));
    }
    let Beside::Folder(folder) = beside else { return Err(ExternalError::NotInside(shown())) };
    let missing = |_| ExternalError::Missing(shown());
    let folder = fs::canonicalize(folder).map_err(missing)?;
    let file = fs::canonicalize(folder.join(path)).map_err(missing)?;
    if !file.starts_with(&folder) {
        return Err(ExternalError::Outside(shown()));
    }
    let found = fs::metadata(&file).map_err(missing)?;
    if !found.is_file() {
        return Err(ExternalError::Missing(shown()));
    }
    let number = |key| value(key).map_or(Some(0), |text| text.parse::<u64>().ok());
    let needed = number("offset").zip(number("length")).and_then(|(offset, length)| offset.checked_add(length));
    match needed {
        Some(needed) if needed <= found.len() => Ok(()),
        _ => Err(ExternalError::Short(shown())),
    }
}
