//! Copies a data directory while its server runs, or while none does.
//!
//! The model files that are there are copied first, then the database at one moment, then the model files that have come
//! since: so the copy has every file that a version in it needs, whatever is registered and deleted meanwhile.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{ARTIFACTS, BESIDES, CONTENTS, Contents, UpkeepError, files};
use crate::store::{self, DATABASE, StoreError};

/// A file that a version needs can be gone again when its turn comes; then the database is copied anew.
const TRIES: u32 = 5;

/// Makes a backup of `data` in `to`, an empty or new folder; what it holds.
///
/// # Errors
/// [`UpkeepError`]. A folder without `backup.json` holds no backup.
pub fn backup(data: &Path, to: &Path) -> Result<Contents, UpkeepError> {
    if store::holds_nothing(data)? {
        return Err(UpkeepError::Nothing(data.to_owned()));
    }
    files::make_empty(to)?;
    let (from, kept) = (data.join(ARTIFACTS), to.join(ARTIFACTS));
    files::make(&kept)?;
    let mut missing = take_all(&from, &kept)?;
    let (mut head, mut needed) = (None, BTreeSet::new());
    for _ in 0..TRIES {
        let database = to.join(DATABASE);
        remove(&database)?;
        store::copy(data, &database)?;
        store::upgrade_copy(to)?;
        let found = store::read_copy(to, |reading| Ok::<_, StoreError>((reading.head()?, reading.digests()?)))?;
        head = Some(found.0);
        needed = found.1.into_iter().map(|digest| digest.to_string()).collect();
        missing = take(&from, &kept, &needed)?;
        if missing.is_none() {
            break;
        }
    }
    if let Some(digest) = missing {
        return Err(UpkeepError::Artifact { digest, problem: "missing" });
    }
    for name in names(&kept)?.difference(&needed) {
        remove(&kept.join(name))?;
    }
    needed.iter().try_for_each(|name| files::check_artifact(&kept, name))?;
    for name in BESIDES {
        match files::copy(&data.join(name), &to.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(files::at(&to.join(name))(error)),
            _ => {}
        }
    }
    let verified = store::verify(to)?;
    let database = files::digest(&to.join(DATABASE)).map_err(files::at(&to.join(DATABASE)))?;
    let head = head.unwrap_or_else(domain::chain::Link::genesis);
    let contents = Contents { head, database, artifacts: needed.into_iter().collect() };
    write(to, &contents)?;
    match verified.problem {
        Some(problem) => Err(UpkeepError::Damaged(problem)),
        None => Ok(contents),
    }
}

/// Takes every model file that is there.
fn take_all(from: &Path, kept: &Path) -> Result<Option<String>, UpkeepError> {
    take(from, kept, &names(from)?).map(|_| None)
}

/// Takes those of `wanted` that are not taken yet; one that is not there any more, if there is one.
fn take(from: &Path, kept: &Path, wanted: &BTreeSet<String>) -> Result<Option<String>, UpkeepError> {
    let mut missing = None;
    for name in wanted {
        let place = kept.join(name);
        if place.exists() {
            continue;
        }
        match files::link_or_copy(&from.join(name), &place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing = Some(name.clone()),
            Err(error) => return Err(files::at(&place)(error)),
            Ok(()) => {}
        }
    }
    Ok(missing)
}

/// Names of model files: their digests.
fn names(folder: &Path) -> Result<BTreeSet<String>, UpkeepError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(files::at(folder))?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(files::at(folder))?.file_name().to_string_lossy().into_owned();
        if name.parse::<domain::id::Digest>().is_ok() {
            names.insert(name);
        }
    }
    Ok(names)
}

fn remove(path: &Path) -> Result<(), UpkeepError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(files::at(path)(error)),
        _ => Ok(()),
    }
}

fn write(to: &Path, contents: &Contents) -> Result<(), UpkeepError> {
    let place = to.join(CONTENTS);
    let written = serde_json::to_string_pretty(contents).map_err(io::Error::other);
    written.and_then(|text| store::replace(&place, text.as_bytes())).map_err(files::at(&place))
}
