//! Finds files inside a package's folder, and nothing outside it.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Longest path that an error repeats.
const ECHO: usize = 200;
/// Most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;

/// The reason why a path that a package names leads to nothing of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Astray {
    /// The path begins at the root, here or on another system.
    Absolute,
    /// `..`, or a link that leads out.
    Outside,
    /// There is nothing at the path.
    Missing,
}

/// The file or folder that `location` names inside `folder`.
pub(super) fn inside(folder: &Path, location: &str) -> Result<PathBuf, Astray> {
    lexical(location)?;
    let folder = fs::canonicalize(folder).map_err(|_| Astray::Missing)?;
    let found = fs::canonicalize(folder.join(location)).map_err(|_| Astray::Missing)?;
    if found.starts_with(&folder) { Ok(found) } else { Err(Astray::Outside) }
}

/// Checks that `location` can be a path inside any folder.
pub(super) fn lexical(location: &str) -> Result<(), Astray> {
    let path = Path::new(location);
    // A backslash or a drive letter means a path on another system.
    let drive = location.as_bytes().get(1) == Some(&b':');
    if path.is_absolute() || location.starts_with('\\') || drive {
        return Err(Astray::Absolute);
    }
    let climbs =
        path.components().any(|part| part == Component::ParentDir) || location.split('\\').any(|part| part == "..");
    if climbs || location.contains('\0') { Err(Astray::Outside) } else { Ok(()) }
}

/// `location` as an error repeats it.
pub(super) fn shown(location: &str) -> String {
    location.chars().take(ECHO).flat_map(char::escape_debug).collect()
}

/// The content of a folder, sorted by name: links are not followed and count as neither.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) files: Vec<String>,
    pub(super) folders: Vec<String>,
}

/// Lists `folder`, without what file systems and archivers leave in it.
pub(super) fn list(folder: &Path) -> io::Result<Listed> {
    let mut listed = Listed::default();
    for entry in fs::read_dir(folder)?.take(MOST_ENTRIES) {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || name == "__MACOSX" {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_file() {
            listed.files.push(name);
        } else if kind.is_dir() {
            listed.folders.push(name);
        }
    }
    listed.files.sort_unstable();
    listed.folders.sort_unstable();
    Ok(listed)
}

/// The whole text of a file of at most `limit` bytes; none when it has more.
pub(super) fn small(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}
