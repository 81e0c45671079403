//! The server, the command line and the replica host in one program.

use std::process::ExitCode;

use changeover::{boot, cli, replica};

fn main() -> ExitCode {
    cli::main(boot::serve, replica::main)
}
