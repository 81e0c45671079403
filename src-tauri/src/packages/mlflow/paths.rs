//! Paths in a file `MLmodel`, which may be those of its author's machine. Each is looked for inside the model directory and
//! nowhere else.
//!
//! MLflow itself writes a relative path with the separator of its system, and of a model that was saved from code the whole
//! path of the script, which it looks for by the last part when it loads the model.

use std::path::{Path, PathBuf};

use crate::packages::Unreadable;
use crate::packages::folder::{self, Astray};

/// The key of a script that the model was saved from.
pub(super) const SCRIPT: &str = "model_code_path";
/// Longest path of a file on any system that this runs on, in bytes.
const LONGEST: usize = 4096;
/// Most parts of a path of another machine that are looked for inside the model directory.
const MOST_PARTS: usize = 64;

/// A file or folder that a description names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The words of the description.
    pub(super) path: String,
    /// True for a script, of which MLflow uses only the file name.
    pub(super) script: bool,
}

/// The place of a named file in `folder`: its path, and the same relative to `folder` with `/` between its parts.
///
/// # Errors
/// [`Unreadable::ArtifactMissing`], [`Unreadable::ArtifactOutside`].
pub(super) fn find(folder: &Path, named: &Named) -> Result<(PathBuf, String), Unreadable> {
    let shown = || folder::shown(&named.path);
    let inside = |path: &str| folder::inside(folder, path).map(|found| (found, path.to_owned()));
    if named.path.len() > LONGEST {
        return Err(Unreadable::ArtifactMissing(shown()));
    }
    let (portable, foreign) = portable(&named.path);
    let parts: Vec<&str> = portable.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if named.script || foreign {
        // The longest end of it that is there.
        let ends = if named.script { 1 } else { MOST_PARTS };
        let found = (1..=ends.min(parts.len())).rev().find_map(|length| {
            let end = &parts[parts.len() - length..];
            inside(&end.join("/")).ok().filter(|_| !end.contains(&".."))
        });
        let missing = || match parts.last() {
            Some(last) if named.script => Unreadable::ScriptMissing { path: shown(), last: folder::shown(last) },
            _ => Unreadable::ArtifactOutside(shown()),
        };
        return found.ok_or_else(missing);
    }
    match inside(&named.path) {
        Ok(found) => return Ok(found),
        // A link that leads out, also where the separators are another system's.
        Err(Astray::Outside) => return Err(Unreadable::ArtifactOutside(shown())),
        Err(Astray::Missing | Astray::Absolute) => {}
    }
    inside(&portable).map_err(|astray| match astray {
        Astray::Missing => Unreadable::ArtifactMissing(shown()),
        Astray::Absolute | Astray::Outside => Unreadable::ArtifactOutside(shown()),
    })
}

/// The path with `/` between its parts; true when it is absolute on some system.
fn portable(path: &str) -> (String, bool) {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let local = path.strip_prefix("file://").unwrap_or(path);
    let portable = local.replace('\\', "/");
    let foreign = drive || portable.starts_with('/');
    let portable = if drive { portable[2..].to_owned() } else { portable };
    (portable, foreign)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn paths_of_other_machines_are_found_by_their_ends_and_never_outside() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("artifacts")).unwrap();
        for file in ["wrapper.py", "model.pkl", "scaler.bin", "artifacts/scaler.bin", "odd\\name", "secret"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("passwd")).unwrap();
        let find = |path: &str, script| {
            let named = Named { path: path.to_owned(), script };
            find(folder.path(), &named).map(|(_, place)| place).map_err(|error| error.to_string())
        };
        for (path, place) in [
            ("/srv/author/src/wrapper.py", "wrapper.py"),
            ("C:\\proj\\wrapper.py", "wrapper.py"),
            ("C:/proj/wrapper.py", "wrapper.py"),
            ("\\\\server\\share\\wrapper.py", "wrapper.py"),
            ("//server/share/wrapper.py", "wrapper.py"),
            ("src/models/wrapper.py", "wrapper.py"),
            ("..\\src\\wrapper.py", "wrapper.py"),
            ("../wrapper.py", "wrapper.py"),
            ("./wrapper.py", "wrapper.py"),
            ("file:///srv/author/wrapper.py", "wrapper.py"),
        ] {
            assert_eq!(find(path, true).as_deref(), Ok(place), "{path}");
        }
        for (path, place) in [
            ("model.pkl", "model.pkl"),
            ("artifacts\\scaler.bin", "artifacts/scaler.bin"),
            (".\\artifacts\\scaler.bin", "./artifacts/scaler.bin"),
            ("odd\\name", "odd\\name"),
            ("D:\\m\\artifacts\\scaler.bin", "artifacts/scaler.bin"),
            ("/mlruns/0/m/artifacts/scaler.bin", "artifacts/scaler.bin"),
            ("\\\\nas\\m\\model.pkl", "model.pkl"),
        ] {
            assert_eq!(find(path, false).as_deref(), Ok(place), "{path}");
        }
        for (path, script) in [
            ("/etc/passwd", false),
            ("/etc/passwd", true),
            ("C:\\x\\passwd", false),
            ("../secret", false),
            ("..\\secret", false),
            ("a/../../secret", false),
            ("a\\..\\..\\secret", false),
            ("passwd", false),
            ("C:\\x\\none", false),
            ("/srv/author/..", true),
            ("/srv/author/", true),
        ] {
            let said = find(path, script).unwrap_err();
            assert!(
                said.contains("outside its own folder") || said.contains("is not in the package"),
                "{path}: {said}"
            );
        }
        assert!(find("artifacts\\none", false).unwrap_err().contains("missing from it"));
        assert!(find(&format!("{}model.pkl", "/a".repeat(LONGEST)), false).unwrap_err().contains("missing from it"));
    }
}
