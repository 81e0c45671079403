//! Finds and opens the ONNX Runtime library.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};

use ort::environment::Environment;

/// The reason why the library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// Nobody said where the library is.
    #[error(
        "no ONNX Runtime library is set: pass --onnxruntime PATH or set CHANGEOVER_ONNXRUNTIME to a libonnxruntime.so"
    )]
    NotSet,
    /// There is no such file.
    #[error("the ONNX Runtime library {} cannot be opened: {cause}", path.display())]
    Missing {
        /// The path that was set.
        path: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The file is something else, or misses what it needs.
    #[error("{} is not a usable ONNX Runtime library: {cause}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The loader's error.
        cause: String,
    },
    /// The library is from before the interface that this program speaks.
    #[error("the ONNX Runtime library {} is too old: it is version {found}, and 1.{needed} or newer is needed", path.display())]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// Lowest minor version.
        needed: u32,
    },
}

/// Opens the library and starts its environment; once per process.
pub(super) fn open(path: Option<&Path>) -> Result<Environment, LibraryError> {
    let path = path.ok_or(LibraryError::NotSet)?;
    // The loader looks for a relative path beside the program, which nobody expects.
    let path = path.canonicalize().map_err(|cause| LibraryError::Missing { path: path.to_owned(), cause })?;
    let unusable = |cause: String| LibraryError::Unusable { path: path.clone(), cause };
    // A library that lies about its version makes the binding panic instead of answering.
    let opened = quietly(|| {
        let builder = ort::init_from(&path)?;
        Ok(builder.with_name("changeover").with_telemetry(false).build())
    });
    match opened {
        Ok(Ok(Ok(environment))) => {
            environment.set_log_level(ort::logging::LogLevel::Fatal);
            Ok(environment)
        }
        Ok(Ok(Err(cause))) => Err(unusable(cause.to_string())),
        Ok(Err(ort::LoadDynamicError::BadVersion { version_str, .. })) => {
            Err(LibraryError::TooOld { path: path.clone(), found: version_str, needed: ort::MINOR_VERSION })
        }
        Ok(Err(ort::LoadDynamicError::Dlopen { error, .. })) => {
            let why = why(&error);
            Err(unusable(why.trim_start_matches(&format!("{}: ", path.display())).to_owned()))
        }
        Ok(Err(ort::LoadDynamicError::MissingApi { .. })) => {
            Err(unusable("it does not export OrtGetApiBase".to_owned()))
        }
        Ok(Err(cause)) => Err(unusable(cause.to_string())),
        Err(()) => Err(unusable("it does not offer the interface that this program speaks".to_owned())),
    }
}

/// The innermost reason: the outer ones only say that something failed.
fn why(mut error: &dyn std::error::Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Calls the binding, which panics on a few things that are no defect of this program, and says nothing then.
pub(super) fn quietly<T>(call: impl FnOnce() -> T) -> Result<T, ()> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(call));
    set_hook(hook);
    outcome.map_err(drop)
}
