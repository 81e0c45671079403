//! `changeover-desktop`: the server with a window instead of a listener.

use std::process::ExitCode;

use super::{BootError, LEAVE, Server, data, ending, runtime, status};
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
    let (once, vital) = (told.once.clone(), server.vital.clone());
    let end = async move {
        tokio::select! {
            () = once.cancelled() => {}
            _ = vital.lost() => {}
        }
    };
    let closed = shell::run(server.window(), kept, runtime.handle(), end);
    if !server.vital.is_whole() {
        // Nothing is taken down: the next server takes over what runs.
        let lost = runtime.block_on(server.part_lost());
        runtime.shutdown_timeout(LEAVE);
        return Err(lost);
    }
    // Closing the window is what tells it to end; a signal while it drains is the second time.
    runtime.block_on(server.stop(&told.after_closing()));
    Ok(closed?)
}
