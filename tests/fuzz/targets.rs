//! The parsers of model files, each as a function of bytes that must always return: for `cargo fuzz`, and for the tests
//! in `tests/compat`, which run them on stable Rust.

use std::io::Cursor;

use changeover::packages::onnx::{self, Beside};
use changeover::packages::{self, mlflow, trees};

pub(crate) fn onnx(bytes: &[u8]) {
    let _ = onnx::read(&mut Cursor::new(bytes), u64::MAX, Beside::Nothing);
}

pub(crate) fn mlflow(bytes: &[u8]) {
    let _ = mlflow::describe(bytes);
}

pub(crate) fn lightgbm(bytes: &[u8]) {
    let _ = trees::lightgbm::read(&mut Cursor::new(bytes));
}

pub(crate) fn xgboost_json(bytes: &[u8]) {
    let _ = trees::xgboost::read_json(&mut Cursor::new(bytes));
}

pub(crate) fn xgboost_ubjson(bytes: &[u8]) {
    let _ = trees::xgboost::read_ubjson(&mut Cursor::new(bytes));
}

/// Whatever it is: what decides between the others, and names what none of them reads.
pub(crate) fn any(bytes: &[u8]) {
    let read = packages::read_file(&mut Cursor::new(bytes), u64::MAX, Beside::Nothing);
    // Whoever is refused is told why.
    if let Err(error) = read {
        assert!(!error.to_string().is_empty() && !error.checks().is_empty());
    }
}
