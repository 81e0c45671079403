//! Interpreters of Python on this machine, found by where their files lie: none is started.
//!
//! They are looked for on the PATH, among those that pyenv has installed, and among those that uv has. What stands on the PATH
//! for another program to choose (a *shim*) is none.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use domain::python::Pythons;

/// One interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Its minor version of Python 3.
    pub minor: u8,
    /// Its file.
    pub path: PathBuf,
}

/// Every interpreter of Python 3 that is found, of each version the first to be taken first. `variable` gives the value of a
/// variable of the surroundings.
pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Interpreter> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut found = Vec::new();
    for folder in variable("PATH").iter().flat_map(std::env::split_paths) {
        if folder.file_name().is_some_and(|name| name == "shims") {
            continue;
        }
        for minor in Pythons::ALL.minors().rev() {
            found.extend(interpreter(&folder, minor));
        }
        let plain = fs::canonicalize(folder.join("python3")).ok();
        let named = plain.as_deref().and_then(Path::file_name).and_then(|name| name.to_str()?.strip_prefix("python3."));
        if let (Some(minor), Some(path)) = (named.and_then(|minor| minor.parse().ok()), &plain) {
            found.push(Interpreter { minor, path: path.clone() });
        }
    }
    let home = variable("HOME").map(PathBuf::from);
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let pyenv = variable("PYENV_ROOT").map(PathBuf::from).or_else(|| in_home(".pyenv"));
    let uv = variable("UV_PYTHON_INSTALL_DIR").map(PathBuf::from);
    let uv = uv.or_else(|| variable("XDG_DATA_HOME").map(|data| PathBuf::from(data).join("uv/python")));
    let uv = uv.or_else(|| in_home(".local/share/uv/python"));
    for (folder, start) in [(pyenv.map(|pyenv| pyenv.join("versions")), "3."), (uv, "cpython-3.")] {
        found.extend(folder.iter().flat_map(|folder| installed(folder, start)));
    }
    found
}

/// The versions of those that are found for this process.
pub fn versions() -> Pythons {
    find(|name| std::env::var_os(name)).into_iter().map(|interpreter| interpreter.minor).collect()
}

fn interpreter(folder: &Path, minor: u8) -> Option<Interpreter> {
    let path = folder.join(format!("python3.{minor}"));
    path.is_file().then_some(Interpreter { minor, path })
}

/// The interpreters in folders that are called by their version, the newest first.
fn installed(folder: &Path, start: &str) -> Vec<Interpreter> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let version = |name: &str| {
        let mut numbers = name.strip_prefix(start)?.split(|c: char| !c.is_ascii_digit());
        let minor: u8 = numbers.next()?.parse().ok()?;
        Some((minor, numbers.next().and_then(|patch| patch.parse::<u32>().ok()).unwrap_or(0)))
    };
    let mut named: Vec<_> =
        entries.filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path()))).collect();
    named.sort();
    named.into_iter().rev().filter_map(|((minor, _), path)| interpreter(&path.join("bin"), minor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_found_where_people_install_them_and_shims_are_none() {
        let root = tempfile::tempdir().unwrap();
        let file = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            path
        };
        file("pyenv/shims/python3.7");
        file("pyenv/shims/python3");
        let on_path = file("bin/python3.11");
        std::os::unix::fs::symlink("python3.11", root.path().join("bin/python3")).unwrap();
        file("bin/python3.11-config");
        let old = file("pyenv/versions/3.8.9/bin/python3.8");
        let new = file("pyenv/versions/3.8.18/bin/python3.8");
        fs::create_dir_all(root.path().join("pyenv/versions/3.9.1/bin")).unwrap();
        let uv = file("home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3.13");
        let path = std::env::join_paths(["pyenv/shims", "bin", "none"].map(|folder| root.path().join(folder))).unwrap();
        let found = find(|name| match name {
            "PATH" => Some(path.clone()),
            "PYENV_ROOT" => Some(root.path().join("pyenv").into()),
            "HOME" => Some(root.path().join("home").into()),
            _ => Some(OsString::new()),
        });
        let first = |minor| found.iter().find(|found| found.minor == minor).map(|found| found.path.clone());
        assert_eq!((first(11), first(8), first(13)), (Some(on_path), Some(new), Some(uv)));
        assert_eq!((first(7), first(9)), (None, None));
        assert!(found.iter().any(|found| found.path == old));
        assert!(find(|_| None).is_empty());
    }
}
