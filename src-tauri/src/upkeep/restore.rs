//! Brings a backup back into an empty data directory.

use std::fs;
use std::io;
use std::path::Path;

use super::{ARTIFACTS, BESIDES, CONTENTS, Contents, UpkeepError, files};
use crate::store::{self, DATABASE};

/// The database while it is copied.
const UNFINISHED: &str = "changeover.db.new";

/// Copies the backup in `from` to `data`, an empty or new folder; what it holds. The database comes last: what is broken
/// off leaves a directory that no server starts in. Sessions and links end with it: somebody may have ended them since the
/// backup was made.
///
/// # Errors
/// [`UpkeepError`]; the backup itself is never changed.
pub fn restore(from: &Path, data: &Path) -> Result<Contents, UpkeepError> {
    let no_backup = |problem: String| UpkeepError::NoBackup { folder: from.to_owned(), problem };
    let text = fs::read(from.join(CONTENTS)).map_err(|error| no_backup(format!("{CONTENTS} in it: {error}")))?;
    let contents: Contents =
        serde_json::from_slice(&text).map_err(|error| no_backup(format!("{CONTENTS} in it: {error}")))?;
    let database =
        files::digest(&from.join(DATABASE)).map_err(|error| no_backup(format!("{DATABASE} in it: {error}")))?;
    if database != contents.database {
        return Err(no_backup(format!("{DATABASE} in it is not the one that was copied")));
    }
    let kept = from.join(ARTIFACTS);
    contents.artifacts.iter().try_for_each(|name| files::check_artifact(&kept, name))?;
    files::make_empty(data)?;
    files::make(&data.join(ARTIFACTS))?;
    for name in &contents.artifacts {
        let place = data.join(ARTIFACTS).join(name);
        files::copy(&kept.join(name), &place).map_err(files::at(&place))?;
    }
    for name in BESIDES {
        match files::copy(&from.join(name), &data.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(files::at(&data.join(name))(error)),
            _ => {}
        }
    }
    // Under another name until nobody comes in by it who was let out since.
    let (copy, place) = (data.join(UNFINISHED), data.join(DATABASE));
    files::copy(&from.join(DATABASE), &copy).map_err(files::at(&copy))?;
    store::end_sessions_and_links(&copy)?;
    fs::rename(&copy, &place).map_err(files::at(&place))?;
    store::seal_head(data, &contents.head)?;
    Ok(contents)
}
