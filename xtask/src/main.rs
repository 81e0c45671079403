//! `cargo xtask`: set-up, build, run, demo, tests and benchmarks of Changeover.

mod paths;
mod program;
mod server;
mod setup;
mod web;

use clap::{Parser, Subcommand};

/// Sets up, builds, runs, shows, tests and measures Changeover. Everything it fetches or makes lands in target/.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch what a build needs and is not there yet.
    Setup,
    /// Build the web interface into target/interface.
    Web,
}

fn main() -> std::process::ExitCode {
    match perform(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<std::process::ExitCode> {
    let paths = paths::Paths::of_this_clone()?;
    match task {
        Task::Setup => setup::for_build(&paths)?,
        Task::Web => {
            setup::for_interface(&paths)?;
            web::build(&paths)?;
        }
    }
    Ok(std::process::ExitCode::SUCCESS)
}
