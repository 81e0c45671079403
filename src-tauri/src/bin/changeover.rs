//! The server, the command line and the replica host.

use std::process::ExitCode;

use changeover::cli;
use changeover::replica::{self, ExecArgs, ReplicaArgs};
use clap::Subcommand;

/// What the server starts by itself.
#[derive(Debug, Subcommand)]
enum Own {
    /// Runs one replica; `changeover serve` starts it.
    #[command(hide = true)]
    Replica(Box<ReplicaArgs>),
    /// Becomes a replica's program.
    #[command(hide = true)]
    ReplicaExec(ExecArgs),
}

fn main() -> ExitCode {
    cli::main(
        |_settings| {
            eprintln!("error: the server is not wired in");
            ExitCode::FAILURE
        },
        |own| match own {
            Own::Replica(args) => match replica::run(*args) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("changeover replica: {error}");
                    ExitCode::from(error.exit_status())
                }
            },
            Own::ReplicaExec(args) => {
                eprintln!("changeover replica: {}", replica::exec(&args));
                ExitCode::from(127)
            }
        },
    )
}
