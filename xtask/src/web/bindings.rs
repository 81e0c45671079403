//! From cargo's WebAssembly file to those that a browser loads: cut into parts, then its JavaScript side, then smaller.
//!
//! The first part is loaded with the page; the others, and the pieces that several of them share, by `parts.js` when they are
//! first needed (`app/src/pages/parts.rs`).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

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

/// Writes `app.js`, `app_bg.wasm`, `parts.js`, a file for each part, and the snippets that crates bring along.
pub(super) fn generate(paths: &Paths, assets: &Path) -> Result<()> {
    let built = paths.join("target/wasm32-unknown-unknown/web/app.wasm");
    let whole = fs::read(&built).with_context(|| format!("{} cannot be read", built.display()))?;
    // The JavaScript side is named after it.
    let first = paths.setup().join("app.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = assets;
    options.main_out_path = &first;
    options.link_name = "./parts.js";
    options.main_module = "./app.js";
    let cut = transform(options).map_err(|error| anyhow!("the interface could not be cut into parts: {error:#}"))?;
    Bindgen::new()
        .input_path(&first)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        // The parts use them.
        .keep_lld_exports(true)
        .generate(assets)
        .context("the JavaScript side of the interface could not be made")?;
    make_smaller(paths, &assets.join("app_bg.wasm"))?;
    cut.split_modules.iter().try_for_each(|part| make_smaller(paths, part))
}

fn make_smaller(paths: &Paths, wasm: &Path) -> Result<()> {
    let small = wasm.with_extension("small.wasm");
    let mut optimise = setup::wasm_opt(paths);
    optimise.arg("-Oz").args(FEATURES).arg(wasm).arg("-o").arg(&small);
    program::output(&mut optimise, "Run `cargo xtask setup`.").context("the interface could not be made smaller")?;
    fs::rename(&small, wasm)?;
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
