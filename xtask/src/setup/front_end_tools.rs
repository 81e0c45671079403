//! The tools that come from npm, of the versions in `package-lock.json`: `wasm-opt` for the interface's build; axe-core,
//! which the browser tests run inside the page; and oidc-provider, the identity provider that tests sign in at.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::outcome::Outcome;
use crate::paths::Paths;
use crate::program;

const MEND: &str = "Install Node.js 18 or newer with npm (Debian 12: `sudo apt-get install nodejs npm`), check the network connection, \
     and run this again.";

fn folder(paths: &Paths) -> PathBuf {
    paths.setup().join("front-end-tools")
}

/// `wasm-opt`, which makes a WebAssembly file smaller.
pub(crate) fn wasm_opt(paths: &Paths) -> Command {
    let mut command = Command::new("node");
    command.arg(folder(paths).join("node_modules/binaryen/bin/wasm-opt"));
    command
}

pub(super) fn ensure(paths: &Paths) -> Result<Outcome> {
    let folder = folder(paths);
    let (package, lock) = (paths.join("xtask/package.json"), paths.join("xtask/package-lock.json"));
    let wanted = fs::read_to_string(&lock).context("xtask/package-lock.json cannot be read")?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Outcome::AlreadyThere);
    }
    fs::create_dir_all(&folder)?;
    fs::copy(&package, folder.join("package.json"))?;
    fs::copy(&lock, folder.join("package-lock.json"))?;
    let cache = paths.setup().join("npm-cache");
    let mut npm = Command::new("npm");
    npm.current_dir(&folder)
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--no-update-notifier",
            "--loglevel=error",
            "--cache",
        ])
        .arg(&cache);
    program::output(&mut npm, MEND).context("the front-end tools could not be fetched")?;
    program::output(wasm_opt(paths).arg("--version"), MEND).context("wasm-opt does not run")?;
    fs::remove_dir_all(&cache).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    fs::write(&stamp, wanted)?;
    Ok(Outcome::Done("fetched binaryen (wasm-opt), axe-core and oidc-provider with npm".to_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lock_names_no_registry_and_pins_every_package() {
        let lock: serde_json::Value = serde_json::from_str(include_str!("../../package-lock.json")).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.len() > 1);
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["resolved"].is_null(), "{name} names where it came from");
            assert!(package["integrity"].as_str().unwrap().starts_with("sha512-"), "{name} has no checksum");
        }
    }
}
