//! The standard library for WebAssembly, which stable Rust does not bring by itself.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::outcome::Outcome;
use crate::paths::Paths;
use crate::program;

/// The target that browsers run.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const MEND: &str = "Install Rust with rustup, then run `rustup target add wasm32-unknown-unknown` with a network connection. \
     With a Rust from a Linux distribution, install its package with the WebAssembly standard library \
     (Fedora: rust-std-static-wasm32-unknown-unknown) and run this again.";

pub(super) fn ensure(paths: &Paths) -> Result<Outcome> {
    if installed(paths)? {
        return Ok(Outcome::AlreadyThere);
    }
    let mut add = Command::new("rustup");
    add.current_dir(paths.root()).args(["target", "add", TARGET]);
    program::output(&mut add, MEND).context(format!("Rust's {TARGET} could not be added"))?;
    Ok(Outcome::Done(format!("added {TARGET} with rustup")))
}

fn installed(paths: &Paths) -> Result<bool> {
    let mut ask = Command::new("rustc");
    ask.current_dir(paths.root()).args(["--print", "target-libdir", "--target", TARGET]);
    let folder = program::output(&mut ask, MEND)?;
    Ok(Path::new(folder.trim()).is_dir())
}
