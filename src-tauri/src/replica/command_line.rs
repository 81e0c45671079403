//! The commands by which the server starts a replica: every program that holds a server takes them.

use std::process::ExitCode;

use super::{ExecArgs, LoadArgs, ReplicaArgs, ReplicaError, exec, load, run};

/// What the server starts by itself.
#[derive(Debug, clap::Subcommand)]
pub enum CommandLine {
    /// Runs one replica.
    #[command(hide = true)]
    Replica(Box<ReplicaArgs>),
    /// Becomes a replica's program.
    #[command(hide = true)]
    ReplicaExec(ExecArgs),
    /// Loads a file once and says what came of it, as JSON.
    #[command(hide = true)]
    ReplicaLoad(LoadArgs),
}

impl CommandLine {
    /// Does what it says, until that ends; the exit status of the process.
    pub fn run(self) -> ExitCode {
        match self {
            Self::Replica(args) => match run(*args) {
                Ok(()) => ExitCode::SUCCESS,
                // The program's own last words say more; its status is this process's.
                Err(ReplicaError::ProgramEnded(status)) => ExitCode::from(status),
                Err(error) => {
                    // The last line of the output is the program's own, so that it is what people are shown.
                    if !matches!(error, ReplicaError::ProgramEnded(_)) {
                        eprintln!("changeover replica: {error}");
                    }
                    ExitCode::from(error.exit_status())
                }
            },
            Self::ReplicaExec(args) => {
                eprintln!("changeover replica: {}", exec(&args));
                ExitCode::from(127)
            }
            Self::ReplicaLoad(args) => match serde_json::to_string(&load(&args)) {
                Ok(said) => {
                    println!("{said}");
                    ExitCode::SUCCESS
                }
                Err(_) => ExitCode::FAILURE,
            },
        }
    }
}
