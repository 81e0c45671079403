//! Reads the files of tree ensembles: LightGBM's text, XGBoost's JSON and UBJSON.

mod categories;
mod ensemble;
mod json;
pub mod lightgbm;
#[cfg(test)]
mod tests;
mod ubjson;
pub mod xgboost;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use domain::model::{Format, Signature};

use super::{Unreadable, sniff};
pub use ensemble::BEST_ITERATION;

/// The signature of the file at `path` with every category, for the runtime that serves it.
///
/// # Errors
/// [`Unreadable`], also for a file that is none of trees.
pub fn read_whole(path: &Path) -> Result<Signature, Unreadable> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(sniff::HEAD).read_to_end(&mut head)?;
    match Format::of_trees(&head) {
        Some(Format::LightgbmText) => lightgbm::read_with(&mut file, usize::MAX),
        Some(Format::XgboostUbj) => xgboost::read_ubjson_with(&mut file, usize::MAX),
        Some(Format::XgboostJson) => xgboost::read_json_with(&mut file, usize::MAX),
        _ => Err(Unreadable::Other(sniff::guess(&head))),
    }
}
