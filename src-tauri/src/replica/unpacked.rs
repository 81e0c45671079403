//! The folder of a package that came as an archive: unpacked once for each digest, and shared by every replica that has
//! the same package.
//!
//! # Flow
//!
//! Whoever takes the lock compares the archive with its digest, unpacks it beside its place, writes down the folder's
//! contents, and moves it into place. Whoever comes later compares the folder with what was written down. Both say that
//! they use it (see `shared`).
//!
//! # Guarantees
//!
//! - A folder that is used holds exactly what the registered archive holds: one that was left unfinished or was changed
//!   since is made anew.
//! - Its files are read-only. A folder that is replaced leaves those alone who have its files open.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use domain::id::{Digest, ReplicaId};
use serde::{Deserialize, Serialize};

use super::life::Life;
use super::log::say;
use super::work::{Archived, RegisteredFile};
use super::{ReplicaError, artifact, shared};
use crate::packages::archive::{self, ArchiveBounds, ArchiveError};

/// Most bytes that an archive may come to. The server asks for less when the package is registered.
const LARGEST: u64 = 1 << 40;
/// The file with the folder's content as it was made, beside the folder.
const CONTENTS: &str = "contents.json";
/// The folder itself.
const PACKAGE: &str = "package";

/// The reason why there is no folder.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The archive is refused.
    #[error("the model's package cannot be unpacked: {0}")]
    Archive(#[from] ArchiveError),
    /// The system refuses.
    #[error("the model's package cannot be unpacked into {}: {cause}", folder.display())]
    System {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// There is nothing at the place that was registered.
    #[error("the model's package holds nothing at \"{0}\"")]
    NoEntry(String),
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    size: u64,
    sha256: String,
}

type Contents = BTreeMap<String, Kept>;

/// The model of the registered file, and what keeps its folder in use where the file is an archive. A file that is none
/// is checked against its digest.
pub(super) async fn prepare(
    file: &RegisteredFile,
    id: &ReplicaId,
    life: &Life,
) -> Result<(PathBuf, Option<File>), ReplicaError> {
    let Some(archive) = &file.archive else {
        artifact::check(&file.path, &file.digest)?;
        return Ok((file.path.clone(), None));
    };
    let (place, used) = unpacked(file, archive, id, life).await?;
    Ok((place, Some(used)))
}

/// The place of the model inside its unpacked archive, and what keeps that in use.
pub(super) async fn unpacked(
    file: &RegisteredFile,
    archive: &Archived,
    id: &ReplicaId,
    life: &Life,
) -> Result<(PathBuf, File), ReplicaError> {
    let (folder, digest) = (&archive.unpacked, &file.digest);
    let failed = |cause| UnpackError::System { folder: folder.clone(), cause };
    fs::create_dir_all(folder).map_err(failed)?;
    let place = folder.join(digest.as_str());
    let waiting = "waiting for another replica that unpacks the same package";
    let lock = shared::lock(&place, life, waiting).await.map_err(failed)?;
    life.prepares("unpacking the model's package");
    let (id, digest, artifact, made) = (id.clone(), digest.clone(), file.path.clone(), place.clone());
    let work = move || {
        let _lock = lock;
        artifact::check(&artifact, &digest)?;
        if !is_sound(&made) {
            unpack(&artifact, &made, &digest)?;
            say!("{id}: unpacked the model's package");
        }
        let failed = |cause| UnpackError::System { folder: made.clone(), cause };
        Ok::<_, ReplicaError>(shared::in_use(&made).map_err(failed)?)
    };
    let used = tokio::task::spawn_blocking(work).await.map_err(|_| ReplicaError::Defect)??;
    Ok((inside(&place.join(PACKAGE), &archive.entry)?, used))
}

/// The place `entry` inside `folder`.
pub(super) fn inside(folder: &Path, entry: &str) -> Result<PathBuf, UnpackError> {
    let path = Path::new(entry);
    let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let place = if entry.is_empty() { folder.to_owned() } else { folder.join(path) };
    if stays && place.exists() { Ok(place) } else { Err(UnpackError::NoEntry(entry.chars().take(200).collect())) }
}

/// True when the folder holds exactly the files that were written down when it was made.
fn is_sound(place: &Path) -> bool {
    let told = fs::read(place.join(CONTENTS)).ok();
    let told = told.and_then(|text| serde_json::from_slice::<Contents>(&text).ok());
    let Some(told) = told else { return false };
    // Sizes first: they tell most without reading anything.
    let alike = |listed: &BTreeMap<String, u64>| {
        listed.len() == told.len() && listed.iter().all(|(path, size)| told.get(path).is_some_and(|k| k.size == *size))
    };
    let package = place.join(PACKAGE);
    files(&package).is_ok_and(|listed| alike(&listed)) && contents(&package).is_ok_and(|found| found == told)
}

fn unpack(artifact: &Path, place: &Path, digest: &Digest) -> Result<(), UnpackError> {
    let failed = |cause| UnpackError::System { folder: place.to_owned(), cause };
    let (new, old) = (place.with_extension("new"), place.with_extension("old"));
    for left in [&new, &old] {
        remove(left).map_err(failed)?;
    }
    let package = new.join(PACKAGE);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&package).map_err(failed)?;
    let made = File::open(artifact)
        .map_err(ArchiveError::from)
        .and_then(|mut file| archive::unpack(&mut file, &package, ArchiveBounds::bytes(LARGEST)));
    if let Err(error) = made {
        remove(&new).map_err(failed)?;
        return Err(error.into());
    }
    let seal = || {
        let found = contents(&package)?;
        for path in found.keys() {
            let path = package.join(path);
            let mode = path.metadata()?.permissions().mode();
            fs::set_permissions(path, Permissions::from_mode(mode & 0o555))?;
        }
        let text = serde_json::to_vec(&found).map_err(io::Error::other)?;
        fs::write(new.join(CONTENTS), text)?;
        // Whoever runs from the old one keeps what it has open.
        match fs::rename(place, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
            Ok(()) => say!("the unpacked package {digest} was not whole any more, and is made anew"),
        }
        fs::rename(&new, place)?;
        remove(&old)
    };
    seal().map_err(failed)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Every file below `folder` with its size; an error when there is anything else.
fn files(folder: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(here)? {
            let path = entry?.path();
            let metadata = fs::symlink_metadata(&path)?;
            if metadata.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            let name = name.filter(|_| metadata.is_file()).ok_or(io::ErrorKind::InvalidData)?;
            found.insert(name.to_owned(), metadata.len());
        }
    }
    Ok(found)
}

fn contents(folder: &Path) -> io::Result<Contents> {
    let read = |(name, size): (String, u64)| {
        let sha256 = artifact::digest(&folder.join(&name))?;
        Ok((name, Kept { size, sha256 }))
    };
    files(folder)?.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(folder: &Path) -> PathBuf {
        let source = folder.join("source");
        fs::create_dir_all(source.join("deep")).unwrap();
        fs::write(source.join("deep/weights"), "0123").unwrap();
        fs::write(source.join("model"), "m").unwrap();
        let path = folder.join("archive");
        archive::Folder::read(&source).unwrap().write(&mut File::create(&path).unwrap()).unwrap();
        path
    }

    #[test]
    fn a_folder_that_was_changed_is_made_anew_and_a_sound_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let archive = archive(folder.path());
        let digest: Digest = "a".repeat(64).parse().unwrap();
        let place = folder.path().join(digest.as_str());
        assert!(!is_sound(&place));
        unpack(&archive, &place, &digest).unwrap();
        assert!(is_sound(&place));
        let weights = place.join("package/deep/weights");
        assert_eq!(weights.metadata().unwrap().permissions().mode() & 0o222, 0, "read-only");
        let changes: [&dyn Fn(); 5] = [
            &|| fs::remove_file(&weights).unwrap(),
            &|| {
                fs::remove_file(&weights).unwrap();
                fs::write(&weights, "0124").unwrap();
            },
            &|| fs::write(place.join("package/more.py"), "").unwrap(),
            &|| std::os::unix::fs::symlink(&archive, place.join("package/link")).unwrap(),
            &|| fs::remove_file(place.join(CONTENTS)).unwrap(),
        ];
        for (number, change) in changes.iter().enumerate() {
            change();
            assert!(!is_sound(&place), "change {number}");
            // What a killed replica left behind is in nobody's way.
            fs::create_dir_all(place.with_extension("new").join("package/half")).unwrap();
            unpack(&archive, &place, &digest).unwrap();
            assert!(is_sound(&place), "change {number}");
            assert_eq!(fs::read_to_string(&weights).unwrap(), "0123");
        }
        assert!(!place.with_extension("new").exists() && !place.with_extension("old").exists());
    }

    #[test]
    fn the_place_of_the_model_never_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        assert_eq!(inside(folder.path(), "").unwrap(), folder.path());
        assert_eq!(inside(folder.path(), "in").unwrap(), folder.path().join("in"));
        for entry in ["..", "in/../..", "/etc", "none"] {
            assert!(inside(folder.path(), entry).is_err(), "{entry}");
        }
    }
}
