//! Builds the web interface into `target/interface`: WebAssembly, its bindings, one style sheet, and the page.
//!
//! # Flow
//! cargo → cut into parts → wasm-bindgen → wasm-opt → names that carry a content hash → brotli beside each file → swapped in whole.

mod bindings;
mod compress;
mod inputs;
mod page;
mod styles;

use std::fs;
use std::time::Instant;

use anyhow::Result;

use crate::paths::Paths;
use crate::program;

/// Builds the interface, unless nothing that it is made from has changed.
pub(crate) fn build(paths: &Paths) -> Result<()> {
    let start = Instant::now();
    let (stamp, finished) = (paths.setup().join("interface.stamp"), paths.interface());
    let digest = inputs::digest(paths)?;
    if finished.join("index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|built| built == digest) {
        println!("  {:<20} already built", "interface");
        return Ok(());
    }
    println!("  {:<20} building (the first time takes a few minutes)", "interface");
    let mut cargo = program::cargo(paths);
    cargo.args(["build", "--package", "app", "--target", "wasm32-unknown-unknown", "--profile", "web"]);
    program::run(&mut cargo, "")?;

    let fresh = paths.setup().join("interface");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let assets = fresh.join("assets");
    fs::create_dir_all(&assets)?;
    bindings::generate(paths, &assets)?;
    fs::write(assets.join("changeover.css"), styles::collect(&paths.join("style"))?)?;
    page::assemble(&paths.join("app"), &fresh)?;
    let sizes = compress::all(&fresh)?;

    if finished.exists() {
        fs::remove_dir_all(&finished)?;
    }
    fs::rename(&fresh, &finished)?;
    fs::write(&stamp, digest)?;
    print!("{sizes}");
    println!("  {:<20} built ({:.0} s)", "interface", start.elapsed().as_secs_f64());
    Ok(())
}
