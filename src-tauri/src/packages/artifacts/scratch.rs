//! A folder of its own for looking into an archive.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::error::ArtifactError;

/// A folder, removed with all that is in it when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Result<Self, ArtifactError> {
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(ArtifactError::at(&path))?;
        Ok(Self(path))
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a scratch folder stays until the next start");
        }
    }
}
