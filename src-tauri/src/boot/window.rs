//! The server with a window instead of a listener. Who opens the window is told what it shows.

use std::error::Error;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;

use axum::Router;
use tokio::runtime::Handle;

use super::error::BootError;
use super::process::{LEAVE, runtime, status};
use super::server::Server;
use super::{data, ending};
use crate::config::Serve;

/// All that a window needs to show the page.
pub struct WindowPage {
    /// Answers the page's requests, without a port.
    pub router: Router,
    /// Folder for what the page keeps between two runs.
    pub kept: PathBuf,
    /// The server's own runtime.
    pub runtime: Handle,
    /// Over when the window is to close by itself.
    pub end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Runs until `show` returns, because the window was closed or the process was told to end, and then takes everything down
/// as [`serve`](super::serve) does. `show` is called on this thread, which is to be the main one, once the server has started.
pub fn in_window<E: Error + Send + Sync + 'static>(
    settings: Serve,
    show: impl FnOnce(WindowPage) -> Result<(), E>,
) -> ExitCode {
    data::log_to_stderr(&settings.log_level.to_string());
    status("changeover-desktop", run(settings, |page| show(page).map_err(|error| BootError::Window(Box::new(error)))))
}

fn run(settings: Serve, show: impl FnOnce(WindowPage) -> Result<(), BootError>) -> Result<(), BootError> {
    let runtime = runtime()?;
    let told = {
        let _entered = runtime.enter();
        ending::Told::by_signals()?
    };
    let kept = settings.data.path().join("window");
    let server = runtime.block_on(Server::start(settings))?;
    println!("Changeover is running in its window.");
    println!("  inference  http://{}/NAME", server.gateway.local_addr());
    println!("Closing the window ends it, and the replicas with it.");
    let (once, vital) = (told.once.clone(), server.vital.clone());
    let end = Box::pin(async move {
        tokio::select! {
            () = once.cancelled() => {}
            _ = vital.lost() => {}
        }
    });
    let closed = show(WindowPage { router: server.window(), kept, runtime: runtime.handle().clone(), end });
    if !server.vital.is_whole() {
        // Nothing is taken down: the next server takes over what runs.
        let lost = runtime.block_on(server.part_lost());
        runtime.shutdown_timeout(LEAVE);
        return Err(lost);
    }
    // Closing the window is what tells it to end; a signal while it drains is the second time.
    runtime.block_on(server.stop(&told.after_closing()));
    closed
}
