//! `changeover serve`: the server with its listener, until it is told to end.

use std::process::ExitCode;

use super::error::BootError;
use super::process::{LEAVE, runtime, status};
use super::server::{Claimed, Server};
use super::{data, ending};
use crate::config::Serve;

/// `changeover serve`: runs until it is told to end.
pub fn serve(settings: Serve) -> ExitCode {
    data::log_to_stderr(&settings.log_level.to_string());
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(run(settings));
        // What blocks after a part was lost keeps nobody from ending.
        runtime.shutdown_timeout(LEAVE);
        ended
    });
    status("changeover serve", ended)
}

async fn run(settings: Serve) -> Result<(), BootError> {
    let told = ending::Told::by_signals()?;
    let claimed = Claimed::claim(settings)?;
    let listener = claimed.listener().await?;
    let server = Server::start_in(claimed).await?;
    server
        .work(listener, &told, |announcement| {
            println!("Changeover is running.");
            println!("  sign in    {}", announcement.sign_in);
            println!("  API        {}/api/v1", announcement.running.api);
            println!("  inference  {}/NAME", announcement.running.gateway);
            println!("Ctrl-C ends it, and the replicas with it; a second one at once.");
        })
        .await
}
