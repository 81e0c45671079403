//! One digest over everything that the interface is made from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths::Paths;
use crate::program;

const SOURCES: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "app",
    "domain/Cargo.toml",
    "domain/src",
    "style",
    "xtask/package-lock.json",
    "xtask/src/web",
];

/// Hexadecimal SHA-256 over names and contents of the sources, and the compiler's version.
pub(super) fn digest(paths: &Paths) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(program::output(
        Command::new("rustc").arg("-V").current_dir(paths.root()),
        "Install Rust with rustup.",
    )?);
    for source in SOURCES {
        for file in files(&paths.join(source))? {
            let content = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let name = file.strip_prefix(paths.root()).unwrap_or(&file).to_string_lossy().into_owned();
            hash.update(format!("{name}\0{}\0", content.len()));
            hash.update(content);
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// Every file below a folder, or the file itself, in the order of their names. Nothing when it does not exist.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    let nested: Vec<Vec<PathBuf>> = entries.iter().map(|entry| files(entry)).collect::<Result<_>>()?;
    Ok(nested.concat())
}
