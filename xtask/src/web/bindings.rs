//! From cargo's WebAssembly file to one that a browser loads: its JavaScript side, then a smaller binary.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::paths::Paths;
use crate::{program, setup};

/// The features that rustc's WebAssembly uses beyond the first version of the format; every current browser has them.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-bulk-memory-opt",
];

/// Writes `app.js`, `app_bg.wasm` and the snippets that crates bring along.
pub(super) fn generate(paths: &Paths, assets: &Path) -> Result<()> {
    let built = paths.join("target/wasm32-unknown-unknown/web/app.wasm");
    Bindgen::new()
        .input_path(&built)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        .generate(assets)
        .context("the JavaScript side of the interface could not be made")?;
    let wasm = assets.join("app_bg.wasm");
    let small = assets.join("app_bg.small.wasm");
    let mut optimise = setup::wasm_opt(paths);
    optimise.arg("-Oz").args(FEATURES).arg(&wasm).arg("-o").arg(&small);
    program::output(&mut optimise, "Run `cargo xtask setup`.").context("the interface could not be made smaller")?;
    fs::rename(&small, &wasm)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bindings_tool_has_the_version_of_the_library() {
        let lock: toml::Table = toml::from_str(include_str!("../../../Cargo.lock")).unwrap();
        let version = |name: &str| {
            let packages = lock["package"].as_array().unwrap().iter();
            let found: Vec<_> = packages.filter(|p| p["name"].as_str() == Some(name)).map(|p| &p["version"]).collect();
            assert_eq!(found.len(), 1, "{name} is in Cargo.lock once");
            found[0].as_str().unwrap().to_owned()
        };
        assert_eq!(version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
    }
}
