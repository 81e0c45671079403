//! The server, the command line and the replica host.

use std::process::ExitCode;

use changeover::replica::{self, ExecArgs, ReplicaArgs};
use clap::Parser;

#[derive(Parser)]
#[command(version, about)]
enum Command {
    /// Runs one replica; `changeover serve` starts it.
    #[command(hide = true)]
    Replica(Box<ReplicaArgs>),
    /// Becomes a replica's program.
    #[command(hide = true)]
    ReplicaExec(ExecArgs),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Replica(args) => match replica::run(*args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("changeover replica: {error}");
                ExitCode::from(error.exit_status())
            }
        },
        Command::ReplicaExec(args) => {
            eprintln!("changeover replica: {}", replica::exec(&args));
            ExitCode::from(127)
        }
    }
}
