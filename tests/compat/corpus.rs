//! The models of `tests/corpus`, and what its manifest says of them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// More than any of them has.
pub(crate) const LIMIT: u64 = 64 << 20;

/// The manifest, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) models: Vec<Model>,
    pub(crate) pairs: Vec<Pair>,
}

/// A file or folder.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) id: String,
    path: String,
    pub(crate) expected_signature: Value,
    #[serde(default)]
    sidecars: Vec<String>,
}

/// A model and one that is to replace it.
#[derive(Debug, Deserialize)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) expected_verdict: String,
    pub(crate) expected_reasons: Vec<String>,
    #[serde(default)]
    pub(crate) also_acceptable: Vec<String>,
    pub(crate) note: String,
}

impl Model {
    /// The path that is registered: the file or folder, or the folder with the file and its sidecars.
    pub(crate) fn path(&self) -> PathBuf {
        let path = root().join(&self.path);
        if self.sidecars.is_empty() { path } else { path.parent().expect("it is in a folder").to_owned() }
    }
}

/// The folder with all of it.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

pub(crate) fn manifest() -> Manifest {
    let text = std::fs::read_to_string(root().join("manifest.json")).expect("the manifest can be read");
    let manifest: Manifest = serde_json::from_str(&text).expect("the manifest is JSON");
    assert!(manifest.models.len() >= 141 && manifest.pairs.len() >= 113, "the manifest is cut short");
    manifest
}
