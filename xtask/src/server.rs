//! Builds the server, or the window around it, and becomes it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::paths::Paths;
use crate::{program, setup, web};

/// How much the compiler optimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Builds fast; shares what the tests built.
    Dev,
    /// Runs fast.
    Release,
}

/// Fetches what is missing, builds the interface and the server with it inside, and says where the server is.
pub(crate) fn build(paths: &Paths, profile: Profile) -> Result<PathBuf> {
    println!("Setting up");
    setup::for_build(paths)?;
    web::build(paths)?;
    println!("Building the server");
    let (folder, flags): (&str, &[&str]) = match profile {
        Profile::Dev => ("debug", &[]),
        Profile::Release => ("release", &["--release"]),
    };
    let mut cargo = program::cargo(paths);
    program::run(cargo.args(["build", "--package", "changeover", "--bin", "changeover"]).args(flags), "")?;
    Ok(paths.built(folder, "changeover"))
}

/// `cargo xtask run`: becomes the server.
pub(crate) fn run(paths: &Paths, arguments: &[OsString]) -> Result<()> {
    let server = build(paths, Profile::Release)?;
    become_program(paths, Command::new(server).arg("serve").args(arguments))
}

/// `cargo xtask desktop`: becomes the server in a window.
pub(crate) fn desktop(paths: &Paths, arguments: &[OsString]) -> Result<()> {
    println!("Setting up");
    setup::for_build(paths)?;
    setup::for_window()?;
    web::build(paths)?;
    println!("Building the window");
    let mut cargo = program::cargo(paths);
    cargo.args([
        "build",
        "--release",
        "--package",
        "changeover",
        "--features",
        "desktop",
        "--bin",
        "changeover-desktop",
    ]);
    program::run(&mut cargo, "")?;
    become_program(paths, Command::new(paths.built("release", "changeover-desktop")).args(arguments))
}

/// Replaces this process, so that signals and the terminal reach the program itself.
fn become_program(paths: &Paths, command: &mut Command) -> Result<()> {
    let error = command.env(setup::ONNXRUNTIME, setup::onnxruntime(paths)).exec();
    bail!("{} could not be started: {error}", command.get_program().display())
}
