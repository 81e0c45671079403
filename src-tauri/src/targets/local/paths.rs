//! The places of the local target's sockets and logs, and the name of its data directory among processes.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use domain::id::{Digest, ReplicaId, TargetName};
use sha2::{Digest as _, Sha256};

use crate::targets::TargetError;

/// Longest path of a Unix socket that every system takes.
const LONGEST_SOCKET: usize = 100;

/// The folders of one data directory.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Names the data directory on the command line of its replicas.
    pub instance: String,
    /// Held locked by the server while it lives.
    pub server_lock: PathBuf,
    /// Output of replicas.
    pub logs: PathBuf,
    /// Python environments, a folder for each set of requirements.
    pub(super) environments: PathBuf,
    /// Packages that came as archives, a folder for each digest.
    pub(super) unpacked: PathBuf,
    sockets: PathBuf,
    work: PathBuf,
}

impl Paths {
    /// For `data`, which must be an absolute path.
    pub fn new(data: &Path) -> Self {
        let hash = hex::encode(Sha256::digest(data.as_os_str().as_encoded_bytes()));
        let instance = hash[..16].to_owned();
        let inside = data.join("run");
        // A deep data directory leaves no room for a socket's name.
        let sockets = if inside.as_os_str().len() + 40 > LONGEST_SOCKET {
            // Set and empty, the variable would name the folder that the server was started in.
            let temporary = Some(std::env::temp_dir()).filter(|folder| folder.is_absolute());
            temporary.unwrap_or_else(|| PathBuf::from("/tmp")).join(format!("changeover-{instance}"))
        } else {
            inside
        };
        Self {
            instance,
            server_lock: data.join("lock"),
            logs: data.join("logs"),
            environments: data.join("environments"),
            unpacked: data.join("unpacked"),
            sockets,
            work: data.join("work"),
        }
    }

    /// For a target beside the one that is called `local`, in `data`: what belongs to its replicas is apart, so that no two
    /// targets take each other's for strays. What replicas share is shared.
    pub fn of_target(data: &Path, name: &TargetName) -> Self {
        let Self { server_lock, environments, unpacked, .. } = Self::new(data);
        let own = data.join("targets").join(name.as_str());
        Self { server_lock, environments, unpacked, ..Self::new(&own) }
    }

    /// Makes the folders, for nobody but the owner.
    pub(super) fn prepare(&self) -> Result<(), TargetError> {
        for folder in [&self.sockets, &self.logs, &self.environments, &self.unpacked, &self.work] {
            let failed = |source| TargetError::System {
                what: format!("the folder {} cannot be used", folder.display()),
                source,
            };
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
            let metadata = std::fs::symlink_metadata(folder).map_err(failed)?;
            // Somebody else may have made it first where everybody may write.
            if !metadata.is_dir() || metadata.uid() != rustix::process::getuid().as_raw() {
                return Err(failed(io::Error::other("it belongs to somebody else")));
            }
            // What it does not make keeps its mode; where others may write, they could take a socket's place.
            if metadata.permissions().mode() & 0o022 != 0 {
                return Err(failed(io::Error::other("others may write to it: take that right away with chmod go-w")));
            }
        }
        Ok(())
    }

    /// The folder of the package whose artifact has this digest, once a replica has unpacked it.
    pub fn package(&self, digest: &Digest) -> PathBuf {
        self.unpacked.join(digest.as_str()).join("package")
    }

    pub(super) fn socket(&self, replica: &ReplicaId) -> PathBuf {
        self.sockets.join(format!("{replica}.sock"))
    }

    pub(super) fn control(&self, replica: &ReplicaId) -> PathBuf {
        self.sockets.join(format!("{replica}.ctl"))
    }

    /// The file with the sample request that the replica must answer before it gets others.
    pub(super) fn sample(&self, replica: &ReplicaId) -> PathBuf {
        self.sockets.join(format!("{replica}.json"))
    }

    /// The folder in which a program starts when no other was named for it.
    pub(super) fn work(&self, replica: &ReplicaId) -> PathBuf {
        self.work.join(replica.as_str())
    }

    /// Makes the folder that a program starts in.
    pub(super) fn make_work(&self, replica: &ReplicaId) -> Result<PathBuf, TargetError> {
        let folder = self.work(replica);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|source| TargetError::System { what: "the replica's folder cannot be made".to_owned(), source })?;
        Ok(folder)
    }

    /// Removes the folders of replicas that are not to be kept.
    pub(super) fn keep_work(&self, keeps: impl Fn(&ReplicaId) -> bool) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.work)? {
            let entry = entry?;
            let replica = entry.file_name().to_str().and_then(|name| name.parse::<ReplicaId>().ok());
            if replica.is_some_and(|replica| !keeps(&replica)) {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes what was made for a replica that has ended.
    pub(super) fn remove(&self, replica: &ReplicaId) {
        self.remove_sockets(replica);
        // Most replicas have none.
        let _ = std::fs::remove_dir_all(self.work(replica));
    }

    pub(super) fn remove_sockets(&self, replica: &ReplicaId) {
        for path in [self.socket(replica), self.control(replica), self.sample(replica)] {
            // Usually the replica has removed it itself.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_of_a_deep_data_directory_still_have_short_paths() {
        let deep = PathBuf::from("/").join("d".repeat(200));
        let id: ReplicaId = "r-0123456789abcdef".parse().unwrap();
        for data in [deep, PathBuf::from("/data")] {
            assert!(Paths::new(&data).control(&id).as_os_str().len() < LONGEST_SOCKET);
        }
    }
}
