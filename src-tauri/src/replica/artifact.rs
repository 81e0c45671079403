//! The model's file, which is used only if it is the one that was registered.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use domain::id::Digest;
use sha2::{Digest as _, Sha256};

use super::ReplicaError;

/// The number of bytes that are read at once when only the digest matters.
const CHUNK: usize = 256 << 10;

/// The content of the file at `path`.
///
/// # Errors
///
/// When it cannot be read or its digest is not `expected`.
pub(super) fn read(path: &Path, expected: &Digest) -> Result<Vec<u8>, ReplicaError> {
    let content = std::fs::read(path).map_err(unreadable(path))?;
    compare(path, expected, hex::encode(Sha256::digest(&content)))?;
    Ok(content)
}

/// Compares the digest of the file at `path` without keeping its content; errors as in [`read`].
pub(super) fn check(path: &Path, expected: &Digest) -> Result<(), ReplicaError> {
    compare(path, expected, digest(path).map_err(unreadable(path))?)
}

/// The SHA-256 of the file at `path`.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> ReplicaError {
    move |cause| ReplicaError::Artifact { path: path.to_owned(), cause }
}

fn compare(path: &Path, expected: &Digest, found: String) -> Result<(), ReplicaError> {
    if found == expected.as_str() {
        return Ok(());
    }
    Err(ReplicaError::Digest { path: path.to_owned(), expected: expected.clone(), found })
}
