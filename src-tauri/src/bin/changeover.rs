//! The server, the command line and the replica host in one program.

use std::process::ExitCode;

use changeover::replica::{self, ExecArgs, ReplicaArgs};
use changeover::{boot, cli};
use clap::Subcommand;

/// What the server starts by itself.
#[derive(Debug, Subcommand)]
enum Inner {
    /// Runs one replica.
    #[command(hide = true)]
    Replica(Box<ReplicaArgs>),
    /// Becomes a replica's program.
    #[command(hide = true)]
    ReplicaExec(ExecArgs),
}

fn main() -> ExitCode {
    cli::main(boot::serve, |inner| match inner {
        Inner::Replica(args) => match replica::run(*args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("changeover replica: {error}");
                ExitCode::from(error.exit_status())
            }
        },
        Inner::ReplicaExec(args) => {
            eprintln!("changeover replica: {}", replica::exec(&args));
            ExitCode::from(127)
        }
    })
}
