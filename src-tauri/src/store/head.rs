//! The sealed head: the number and the hash of an entry that has reached the disk, outside of the journal.
//!
//! `head.json` lies beside the database. It is written only when the entry that it names is on the disk, so that a
//! database that ends before that entry has lost something: a power cut does not take it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::chain::Link;

use super::{StoreError, files};

/// The path of the file with the sealed head.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("head.json")
}

/// The sealed head; none in the directory of a version that sealed none.
///
/// # Errors
/// The file is there and cannot be read, or holds something else: [`StoreError::Head`].
pub(super) fn read(dir: &Path) -> Result<Option<Link>, StoreError> {
    let path = path(dir);
    match fs::read(&path) {
        Ok(text) => match serde_json::from_slice(&text) {
            Ok(head) => Ok(Some(head)),
            Err(error) => Err(StoreError::Head { path, problem: error.to_string() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

/// Seals `head`; after a crash there is either the one before or this one.
///
/// # Errors
/// The system refuses.
pub fn write(dir: &Path, head: &Link) -> Result<(), StoreError> {
    let path = path(dir);
    let written = serde_json::to_string(head).map_err(io::Error::other);
    let written = written.and_then(|text| files::replace(&path, (text + "\n").as_bytes()));
    written.map_err(|source| StoreError::File { path, source })
}
