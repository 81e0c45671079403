//! Keeps files by the SHA-256 of their content.
//!
//! # Flow
//!
//! [`Artifacts::receive`] writes an upload to `incoming/` and computes its digest on the way. The caller looks
//! into the file, and [`Received::keep`] moves it to `sha256/DIGEST`, or dropping it removes it. What is in an archive is
//! looked at in a [`Scratch`] folder, which goes when it is dropped.
//!
//! # Guarantees
//!
//! - A file under `sha256/` is complete and on the disk: it gets there by one rename after a sync.
//! - An upload that breaks off, is too large or is refused leaves nothing behind; what a crash leaves in
//!   `incoming/` and `scratch/` is removed at the next start.
//! - A file under `sha256/` goes only because a version with its digest was deleted; one that no version names is set
//!   aside in `unknown/`.
//! - Content is compared with its digest whenever it is read through here.
//!
//! # Assumptions
//!
//! One server at a time uses a folder; the lock of the data directory sees to that.

mod error;
mod scratch;
mod verified;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use domain::id::Digest;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

pub use error::ArtifactError;
pub use scratch::Scratch;
pub use verified::Verified;

/// The number of bytes that are read and written at once.
const CHUNK: usize = 256 << 10;

/// The folder that artifacts are kept in.
#[derive(Clone, Debug)]
pub struct Artifacts {
    incoming: PathBuf,
    scratch: PathBuf,
    kept: PathBuf,
    aside: PathBuf,
}

impl Artifacts {
    /// Opens the store in `folder`, which is made if need be, and removes what a crash left behind.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or written.
    pub fn open(folder: &Path) -> Result<Self, ArtifactError> {
        let folder = |name| folder.join(name);
        let store = Self {
            incoming: folder("incoming"),
            scratch: folder("scratch"),
            kept: folder("sha256"),
            aside: folder("unknown"),
        };
        for folder in [&store.incoming, &store.scratch, &store.kept, &store.aside] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(ArtifactError::at(folder))?;
        }
        for left_over in entries(&store.incoming)? {
            fs::remove_file(&left_over).map_err(ArtifactError::at(&left_over))?;
        }
        for left_over in entries(&store.scratch)? {
            fs::remove_dir_all(&left_over).map_err(ArtifactError::at(&left_over))?;
        }
        Ok(store)
    }

    /// The path of the artifact with this digest, if it is there.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.kept.join(digest.as_str())
    }

    /// An empty folder to unpack something in.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn scratch(&self) -> Result<Scratch, ArtifactError> {
        Scratch::new(self.scratch.join(ulid::Ulid::new().to_string()))
    }

    /// Removes the artifact with this digest; there may be none.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn remove(&self, digest: &Digest) -> Result<(), ArtifactError> {
        let path = self.path(digest);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(ArtifactError::at(&path)(cause)),
            _ => Ok(()),
        }
    }

    /// Makes the folder agree with the registry. An artifact of `deleted` versions alone is removed, as a deletion meant
    /// that a crash kept from it. One that no version names is never removed for that: it is set aside in `unknown/`,
    /// and comes back when a version needs it.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn sweep(&self, needed: &HashSet<Digest>, deleted: &HashSet<Digest>) -> Result<(), ArtifactError> {
        let digest_of = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<Digest>().ok());
        let moved = |from: &Path, to: &Path| fs::rename(from, to).map_err(ArtifactError::at(to));
        for path in entries(&self.kept)? {
            // What is called otherwise is not of here.
            let Some(digest) = digest_of(&path).filter(|digest| !needed.contains(digest)) else { continue };
            if deleted.contains(&digest) {
                fs::remove_file(&path).map_err(ArtifactError::at(&path))?;
            } else {
                let aside = self.aside.join(digest.as_str());
                tracing::warn!(file = %aside.display(), "a model file that no version names is set aside");
                moved(&path, &aside)?;
            }
        }
        for path in entries(&self.aside)? {
            let Some(digest) = digest_of(&path).filter(|digest| needed.contains(digest)) else { continue };
            if !self.path(&digest).exists() {
                tracing::warn!(%digest, "a model file that had been set aside is needed again");
                moved(&path, &self.path(&digest))?;
            }
        }
        Ok(())
    }

    /// Writes an upload of at most `limit` bytes to the disk, not yet kept.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::TooLarge`], [`ArtifactError::BrokeOff`] and [`ArtifactError::DiskFull`] leave nothing
    /// behind.
    pub async fn receive(&self, mut upload: impl AsyncRead + Unpin, limit: u64) -> Result<Received, ArtifactError> {
        let path = self.incoming.join(ulid::Ulid::new().to_string());
        let mut file = tokio::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .await
            .map_err(ArtifactError::at(&path))?;
        let incoming = Incoming(path);
        let mut hash = Sha256::new();
        let mut size = 0_u64;
        let mut chunk = vec![0; CHUNK];
        loop {
            let broke_off = |cause| ArtifactError::BrokeOff { received: size, cause };
            let read = upload.read(&mut chunk).await.map_err(broke_off)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > limit {
                return Err(ArtifactError::TooLarge { limit });
            }
            hash.update(&chunk[..read]);
            file.write_all(&chunk[..read]).await.map_err(ArtifactError::at(&incoming.0))?;
        }
        file.sync_all().await.map_err(ArtifactError::at(&incoming.0))?;
        Ok(Received { digest: digest(hash), size, incoming, kept: self.kept.clone() })
    }

    /// Reads an artifact; reading fails at the end if the content is not the one of its digest.
    ///
    /// # Errors
    ///
    /// [`ArtifactError::Unknown`] when there is none, [`ArtifactError::Io`] when it cannot be opened.
    pub async fn read(&self, digest: &Digest) -> Result<Verified, ArtifactError> {
        let path = self.path(digest);
        match tokio::fs::File::open(&path).await {
            Ok(file) => Ok(Verified::new(file, digest.clone())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(ArtifactError::Unknown(digest.clone())),
            Err(cause) => Err(ArtifactError::at(&path)(cause)),
        }
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ArtifactError> {
    let entries = fs::read_dir(folder).map_err(ArtifactError::at(folder))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(ArtifactError::at(folder))).collect()
}

/// A complete upload that has not been kept yet; dropping it removes it.
#[derive(Debug)]
pub struct Received {
    digest: Digest,
    size: u64,
    incoming: Incoming,
    kept: PathBuf,
}

impl Received {
    /// SHA-256 of the content.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The path of the content for now, to look into it.
    pub fn path(&self) -> &Path {
        &self.incoming.0
    }

    /// Keeps the content under its digest. The same content may be there already; then nothing changes.
    ///
    /// # Errors
    ///
    /// When the system refuses; then nothing is left behind.
    pub fn keep(self) -> Result<Digest, ArtifactError> {
        let place = self.kept.join(self.digest.as_str());
        fs::rename(&self.incoming.0, &place).map_err(ArtifactError::at(&place))?;
        // The name itself has to reach the disk too.
        let folder = fs::File::open(&self.kept).map_err(ArtifactError::at(&self.kept))?;
        folder.sync_all().map_err(ArtifactError::at(&self.kept))?;
        Ok(self.digest)
    }
}

/// A file under `incoming/`, removed when dropped, unless it was moved.
#[derive(Debug)]
struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[expect(clippy::expect_used, reason = "64 lower-case hexadecimal digits are a digest")]
fn digest(hash: Sha256) -> Digest {
    hex::encode(hash.finalize()).parse().expect("a SHA-256 is a digest")
}
