//! The interface: servers with few and with many deployments, looked at by `tests/interface` in a real browser.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::table::mb;
use crate::live::{Server, memory};
use crate::paths::Paths;
use crate::{program, seed, setup};

/// Deployments of the server with few.
const FEW: u32 = 10;

/// Makes both servers, has them looked at, and prints the memory of the larger one.
pub(super) fn measure(paths: &Paths, built: &Path, many: u32) -> Result<()> {
    setup::for_tests()?;
    // Built before anything is measured.
    program::run(look(paths).arg("--no-run"), "")?;
    println!("size of the interface with brotli {:>8}", mb(compressed(&paths.interface())?));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (few, crowded, traffic) = runtime.block_on(async {
        let few = Server::start(paths, built, "bench").await?;
        let crowded = Server::start(paths, built, "bench").await?;
        println!("Making {FEW} and {many} deployments");
        let traffic = (seed::fill(paths, &few, FEW).await?, seed::fill(paths, &crowded, many).await?);
        anyhow::Ok((few, crowded, traffic))
    })?;
    println!("memory of the server before a look {:>7}", mb(memory(crowded.pid().try_into()?)?.resident));
    let mut look = look(paths);
    look.env("CHANGEOVER_BENCH_FEW", few.sign_in_link()?).env("CHANGEOVER_BENCH_MANY", crowded.sign_in_link()?);
    program::run(&mut look, "")?;
    println!("memory of the server after it    {:>9}", mb(memory(crowded.pid().try_into()?)?.resident));
    drop(traffic);
    Ok(())
}

/// The measurement.
fn look(paths: &Paths) -> Command {
    let mut cargo = program::cargo(paths);
    cargo.args(["bench", "--profile", "dev", "--package", "tests", "--bench", "interface"]);
    cargo
}

/// Bytes of everything that a browser fetches of the interface, compressed.
fn compressed(interface: &Path) -> Result<u64> {
    let mut bytes = 0;
    for folder in [interface.to_owned(), interface.join("assets")] {
        for entry in folder.read_dir().with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "br") {
                bytes += path.metadata()?.len();
            }
        }
    }
    Ok(bytes)
}
