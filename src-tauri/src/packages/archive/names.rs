//! Rules for the names of entries: which are taken, and that no two of them mean one place.

use std::collections::HashMap;

use super::error::{ArchiveError, shown};

/// Longest path in bytes.
const LONGEST: usize = 1_024;
/// Longest name between two slashes in bytes, as file systems have it.
const LONGEST_PART: usize = 255;
/// Most folders inside each other, the file included.
const DEEPEST: usize = 32;

/// The kind of place that an entry becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
}

/// Places that are taken already, by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashMap<String, (String, Kind)>,
}

/// The path that `name` means below the folder: its parts with a slash between them. Empty for the folder itself.
///
/// # Errors
/// [`ArchiveError::Name`].
pub(super) fn path(name: &[u8]) -> Result<String, ArchiveError> {
    let refuse = |why| ArchiveError::Name { entry: shown(name), why };
    let Ok(text) = str::from_utf8(name) else { return Err(refuse("is no UTF-8")) };
    if text.starts_with('/') {
        return Err(refuse("begins at the root"));
    }
    if text.contains('\\') {
        return Err(refuse("holds a backslash"));
    }
    if text.chars().any(char::is_control) {
        return Err(refuse("holds a control character"));
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(refuse("leads out of the archive"));
    }
    let drive = |part: &&str| part.as_bytes().get(1) == Some(&b':') && part.as_bytes()[0].is_ascii_alphabetic();
    if parts.first().is_some_and(drive) {
        return Err(refuse("begins with a drive"));
    }
    if parts.len() > DEEPEST {
        return Err(refuse("is too deep: the limit is 32 folders"));
    }
    let path = parts.join("/");
    if path.len() > LONGEST || parts.iter().any(|part| part.len() > LONGEST_PART) {
        return Err(refuse("is too long: the limits are 1,024 bytes and 255 between two slashes"));
    }
    Ok(path)
}

impl Names {
    /// The number of places that are taken, folders that are only part of a path included.
    pub(super) fn len(&self) -> usize {
        self.taken.len()
    }

    /// Takes the place `path`; false when it is a folder that is there already.
    ///
    /// # Errors
    /// [`ArchiveError::Twice`].
    pub(super) fn take(&mut self, path: &str, kind: Kind) -> Result<bool, ArchiveError> {
        let slashes = path.match_indices('/').map(|(at, _)| at);
        for folder in slashes.map(|at| &path[..at]) {
            self.put(folder, Kind::Folder)?;
        }
        self.put(path, kind)
    }

    fn put(&mut self, path: &str, kind: Kind) -> Result<bool, ArchiveError> {
        let key = path.to_lowercase();
        match self.taken.get(&key) {
            None => {
                self.taken.insert(key, (path.to_owned(), kind));
                Ok(true)
            }
            Some((there, Kind::Folder)) if there == path && kind == Kind::Folder => Ok(false),
            Some(_) => Err(ArchiveError::Twice { entry: shown(path.as_bytes()) }),
        }
    }
}
