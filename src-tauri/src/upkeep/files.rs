//! Copies of files: for nobody but their owner, and on the disk before anybody relies on them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::UpkeepError;

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> UpkeepError {
    let path = path.to_owned();
    move |source| UpkeepError::File { path: path.clone(), source }
}

/// Makes a folder that is not there yet; one that is there must be empty.
pub(super) fn make_empty(folder: &Path) -> Result<(), UpkeepError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
    match fs::read_dir(folder).map_err(at(folder))?.next() {
        Some(_) => Err(UpkeepError::NotEmpty(folder.to_owned())),
        None => Ok(()),
    }
}

/// Makes a folder inside.
pub(super) fn make(folder: &Path) -> Result<(), UpkeepError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// Copies a file to a new one.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut copy = File::options().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut copy)?;
    copy.sync_all()
}

/// The file again under another name where both are on one disk, else a copy.
pub(super) fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => Err(error),
        Err(_) => copy(from, to),
        Ok(()) => Ok(()),
    }
}

/// SHA-256 of what a file holds.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

/// Checks that a model file is there and what its digest says.
pub(super) fn check_artifact(folder: &Path, name: &str) -> Result<(), UpkeepError> {
    let path = folder.join(name);
    let broken = |problem| Err(UpkeepError::Artifact { digest: name.to_owned(), problem });
    match digest(&path) {
        Ok(found) if found == name => Ok(()),
        Ok(_) => broken("not what its digest says"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => broken("missing"),
        Err(error) => Err(at(&path)(error)),
    }
}
