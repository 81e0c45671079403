//! Weights that an ONNX file keeps in other files.

use std::fs;
use std::path::Path;

use super::proto::Entry;
use crate::packages::folder::{self, Astray};

/// The place of the other files of a package.
#[derive(Clone, Copy, Debug)]
pub enum Beside<'a> {
    /// The package is one file: there are none.
    Nothing,
    /// In this folder, the one that the ONNX file is in.
    Folder(&'a Path),
}

/// The reason why weights in another file are refused.
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
    /// The model does not say in which file.
    #[error("the model keeps weights in another file and does not say which")]
    Unnamed,
}

/// Checks the place that `entries` of an external tensor name.
pub(super) fn check(entries: &[Entry], beside: Beside<'_>) -> Result<(), ExternalError> {
    let value = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
    let location = value("location").filter(|location| !location.is_empty()).ok_or(ExternalError::Unnamed)?;
    let shown = || folder::shown(location);
    let astray = |astray| match astray {
        Astray::Absolute => ExternalError::Absolute(shown()),
        Astray::Outside => ExternalError::Outside(shown()),
        Astray::Missing => ExternalError::Missing(shown()),
    };
    folder::lexical(location).map_err(astray)?;
    let Beside::Folder(folder) = beside else { return Err(ExternalError::NotInside(shown())) };
    let file = folder::inside(folder, location).map_err(astray)?;
    let missing = |_| ExternalError::Missing(shown());
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
