//! `changeover-desktop`: the server in a window of its own, and the replica host of that server.
//!
//! A package of its own, so that the server, the command line and their tests are built without any windowing library.

mod bridge;
mod shell;

use std::process::ExitCode;

use changeover::replica::CommandLine;
use changeover::{boot, cli};

fn main() -> ExitCode {
    cli::desktop(CommandLine::words(), |settings| boot::in_window(settings, shell::run), CommandLine::run)
}
