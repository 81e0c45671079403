//! Builds the server, or the window around it, and becomes it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::paths::Paths;
use crate::web::Interface;
use crate::{program, setup, web};

/// Fetches what is missing, builds the interface and the server with it inside, and says where the server is.
pub(crate) fn build(paths: &Paths) -> Result<PathBuf> {
    build_with(paths, Interface::Shipped)
}

fn build_with(paths: &Paths, interface: Interface) -> Result<PathBuf> {
    println!("Setting up");
    setup::for_build(paths)?;
    web::build(paths, interface)?;
    println!("Building the server");
    let mut cargo = program::cargo(paths);
    program::run(cargo.args(["build", "--release", "--package", "changeover", "--bin", "changeover"]), "")?;
    Ok(paths.built("release", "changeover"))
}

/// `cargo xtask run`: becomes the server.
pub(crate) fn run(paths: &Paths, interface: Interface, arguments: &[OsString]) -> Result<()> {
    let server = build_with(paths, interface)?;
    become_program(Command::new(server).arg("serve").args(arguments).env(setup::ONNXRUNTIME, setup::onnxruntime(paths)))
}

/// `cargo xtask desktop`: becomes the server in a window.
pub(crate) fn desktop(paths: &Paths, arguments: &[OsString]) -> Result<()> {
    println!("Setting up");
    setup::for_build(paths)?;
    setup::for_window()?;
    web::build(paths, Interface::Shipped)?;
    println!("Building the window");
    let mut cargo = program::cargo(paths);
    program::run(cargo.args(["build", "--release", "--package", "changeover-desktop"]), "")?;
    let mut window = Command::new(paths.built("release", "changeover-desktop"));
    become_program(window.args(arguments).env(setup::ONNXRUNTIME, setup::onnxruntime(paths)))
}

/// Becomes the optimised build of this very program, with the same arguments: what measures must not be slow itself.
pub(crate) fn become_optimised(paths: &Paths) -> Result<()> {
    println!("Building the measuring program");
    program::run(program::cargo(paths).args(["build", "--release", "--package", "xtask"]), "")?;
    become_program(Command::new(paths.built("release", "xtask")).args(std::env::args_os().skip(1)))
}

/// Replaces this process, so that signals and the terminal reach the program itself.
fn become_program(command: &mut Command) -> Result<()> {
    let error = command.exec();
    bail!("{} could not be started: {error}", command.get_program().display())
}
