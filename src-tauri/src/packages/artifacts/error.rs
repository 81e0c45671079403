//! The reasons for which an artifact cannot be stored or read.

use std::io;
use std::path::{Path, PathBuf};

use domain::id::Digest;

/// The reason why an artifact cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// There is no room for the artifact.
    #[error("the disk of {} is full, so the file was not kept; free some space and send it again", folder.display())]
    DiskFull {
        /// The folder that it should go into.
        folder: PathBuf,
    },
    /// The artifact is over the limit.
    #[error("the file is larger than {limit} bytes, the limit")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The upload broke off.
    #[error("the upload broke off after {received} bytes: {cause}")]
    BrokeOff {
        /// The number of bytes that had arrived.
        received: u64,
        /// The connection's error.
        cause: io::Error,
    },
    /// There is no artifact of this digest.
    #[error("there is no artifact with the digest {0}")]
    Unknown(Digest),
    /// The system refuses.
    #[error("{} cannot be used: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

impl ArtifactError {
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { folder: path.parent().unwrap_or(path).to_owned() }
            }
            _ => Self::Io { path: path.to_owned(), cause },
        }
    }
}
