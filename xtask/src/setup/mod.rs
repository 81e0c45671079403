//! Makes sure that what a task needs is there. Each step says in one line what it did, and can be repeated.

mod debian;
mod front_end_tools;
mod onnxruntime;
mod outcome;
mod wasm_target;

use std::time::Instant;

use anyhow::Result;

use crate::paths::Paths;

pub(crate) use front_end_tools::wasm_opt;
pub(crate) use onnxruntime::VARIABLE as ONNXRUNTIME;
pub(crate) use onnxruntime::library as onnxruntime;
use outcome::Outcome;

/// All that a build of interface and server needs.
pub(crate) fn for_build(paths: &Paths) -> Result<()> {
    for_interface(paths)?;
    step("ONNX Runtime", || onnxruntime::ensure(paths))
}

/// All that a build of the interface alone needs.
pub(crate) fn for_interface(paths: &Paths) -> Result<()> {
    step("WebAssembly target", || wasm_target::ensure(paths))?;
    step("front-end tools", || front_end_tools::ensure(paths))
}

/// All that a build of the desktop window needs, besides the rest.
pub(crate) fn for_window() -> Result<()> {
    step("desktop libraries", || debian::ensure(debian::WINDOW))
}

/// All that the tests need, besides the builds.
pub(crate) fn for_tests() -> Result<()> {
    step("browser drivers", || debian::ensure(debian::DRIVERS))?;
    step("nginx", || debian::ensure(debian::PROXY))
}

/// The proxies that the gateway is measured against.
pub(crate) fn for_comparison() -> Result<()> {
    step("nginx and HAProxy", || debian::ensure(debian::PROXIES))
}

fn step(what: &str, ensure: impl FnOnce() -> Result<Outcome>) -> Result<()> {
    let start = Instant::now();
    match ensure()? {
        Outcome::AlreadyThere => println!("  {what:<20} already there"),
        Outcome::Done(how) => println!("  {what:<20} {how} ({:.1} s)", start.elapsed().as_secs_f64()),
    }
    Ok(())
}
