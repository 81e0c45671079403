//! The server in a window of its own, and the replica host of that server.

use std::process::ExitCode;

use changeover::replica::CommandLine;
use changeover::{boot, cli};

fn main() -> ExitCode {
    cli::desktop(CommandLine::words(), boot::desktop, CommandLine::run)
}
