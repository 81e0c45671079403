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

/// The interface that is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// What people get.
    Shipped,
    /// That, and the page `/gallery` for whoever works on it.
    WithGallery,
}

impl Interface {
    /// With the gallery where somebody asks for it.
    pub(crate) fn of(gallery: bool) -> Self {
        if gallery { Self::WithGallery } else { Self::Shipped }
    }

    /// The features of the package `app`.
    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Shipped => &[],
            Self::WithGallery => &["--features", "gallery"],
        }
    }
}

/// Builds the interface, unless nothing that it is made from has changed.
pub(crate) fn build(paths: &Paths, interface: Interface) -> Result<()> {
    let start = Instant::now();
    let (stamp, finished) = (paths.setup().join("interface.stamp"), paths.interface());
    let digest = format!("{} {}", inputs::digest(paths)?, interface.features().join(" "));
    if finished.join("index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|built| built == digest) {
        println!("  {:<20} already built", "interface");
        return Ok(());
    }
    println!("  {:<20} building (the first time takes a few minutes)", "interface");
    let mut cargo = program::cargo(paths);
    cargo
        .args(["build", "--package", "app", "--target", "wasm32-unknown-unknown", "--profile", "web"])
        .args(interface.features());
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
