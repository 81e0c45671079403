//! The head of the journal, kept outside of it: the number and the hash of an entry that has reached the disk.
//!
//! `head.json` lies beside the database. It is written only when the entry that it names is on the disk, so that a
//! database that ends before that entry has lost something: a power cut does not take it back.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::chain::Link;

use super::StoreError;

/// Where it is kept.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("head.json")
}

/// What was kept last; none in the directory of a version that kept none.
///
/// # Errors
/// The file is there and cannot be read.
pub(super) fn read(dir: &Path) -> Result<Option<Link>, StoreError> {
    let path = path(dir);
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| failed(&path)(io::Error::other(error))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path)(error)),
    }
}

/// Keeps `head`; after a crash there is either the one before or this one.
///
/// # Errors
/// The system refuses.
pub fn write(dir: &Path, head: &Link) -> Result<(), StoreError> {
    let (path, new) = (path(dir), dir.join("head.json.new"));
    let written = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        serde_json::to_writer(&mut file, head)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    written().map_err(failed(&path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { path, source }
}
