//! The server, the command line and the replica host in one program.

use std::process::ExitCode;

use changeover::replica::CommandLine;
use changeover::{boot, cli};

fn main() -> ExitCode {
    cli::main(CommandLine::words(), boot::serve, |data, what| boot::upkeep(&data, what), CommandLine::run)
}
