//! `changeover replica-exec`: becomes a program that dies with the replica that started it.

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// The arguments of `changeover replica-exec`, which only a replica calls.
#[derive(Clone, Debug, clap::Args)]
pub struct ExecArgs {
    /// Process id of the replica.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    parent: i32,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    program: Vec<String>,
}

/// The reason why this process could not become the program.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The kernel refuses.
    #[error("cannot tie the program to its replica: {0}")]
    Tie(std::io::Error),
    /// The replica ended in the meantime.
    #[error("the replica that wanted the program is gone")]
    ParentGone,
    /// The program is missing or cannot be run.
    #[error("the program \"{program}\" cannot be started: {cause}")]
    Start {
        /// The program.
        program: String,
        /// The system's error.
        cause: std::io::Error,
    },
}

/// Becomes the program; returns only when that fails.
pub fn exec(args: &ExecArgs) -> ExecError {
    if let Err(cause) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return ExecError::Tie(cause.into());
    }
    // A parent that died before the line above sends no signal any more.
    if getppid() != Pid::from_raw(args.parent) {
        return ExecError::ParentGone;
    }
    let Some((program, arguments)) = args.program.split_first() else { return ExecError::ParentGone };
    let cause = Command::new(program).args(arguments).exec();
    ExecError::Start { program: program.clone(), cause }
}
