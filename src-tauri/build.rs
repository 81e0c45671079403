//! Says where the built interface is, so that the server can embed it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Shown instead of the interface by a server that was built without it.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Changeover</title>\
<h1>The interface is not built</h1>\
<p>This server was built without it. <code>cargo xtask run</code> builds it and starts the server again. \
The command line and the API work all the same.</p></html>\n";

fn main() -> io::Result<()> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/interface");
    // Made even when empty: Cargo runs this script at every build while what it watches does not exist.
    fs::create_dir_all(&built)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", built.display());
    let embedded = if built.join("index.html").is_file() { built.canonicalize()? } else { placeholder()? };
    println!("cargo:rustc-env=CHANGEOVER_INTERFACE={}", embedded.display());
    Ok(())
}

fn placeholder() -> io::Result<PathBuf> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let folder = PathBuf::from(out).join("interface");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), NOT_BUILT)?;
    Ok(folder)
}
