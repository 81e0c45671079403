//! `changeover-desktop`: the server with a window instead of a listener.

use std::process::ExitCode;

use super::{BootError, Server, data, ending, runtime, status};
use crate::config::Serve;
use crate::shell;

/// Runs until the window is closed or the process is told to end, and then takes everything down as
/// [`serve`](super::serve) does.
pub fn desktop(settings: Serve) -> ExitCode {
    data::log_to_stderr(&settings.log_level.to_string());
    status("changeover-desktop", run(settings))
}

fn run(settings: Serve) -> Result<(), BootError> {
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
    // The window system wants the main thread.
    let once = told.once.clone();
    let closed = shell::run(server.window(), kept, runtime.handle(), async move { once.cancelled().await });
    // Closing the window is what tells it to end; a signal while it drains is the second time.
    runtime.block_on(server.stop(&told.after_closing()));
    Ok(closed?)
}
