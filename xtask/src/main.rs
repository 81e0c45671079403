//! `cargo xtask`: set-up, build, run, demo, tests and benchmarks of Changeover.

mod bench;
mod demo;
mod live;
mod paths;
mod program;
mod seed;
mod server;
mod setup;
mod test;
mod web;

use std::ffi::OsString;
use std::path::PathBuf;

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
    Web {
        /// With the page /gallery, which shows every component in every state.
        #[arg(long)]
        gallery: bool,
    },
    /// Build and start the server with its interface; what follows is passed to `changeover serve`.
    Run {
        /// With the page /gallery, which shows every component in every state.
        #[arg(long)]
        gallery: bool,
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Build and open the desktop window; what follows is passed on.
    Desktop {
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Show one replacement that works and one that fails, on a real server with real traffic.
    Demo {
        /// End after the story, instead of leaving the server running.
        #[arg(long)]
        exit: bool,
        /// Rehearse a bad day: version 2 is a program with this fault, such as flap=2s; may be given several times.
        #[arg(long, value_name = "FAULT")]
        bad_day: Vec<String>,
    },
    /// Start a server with many deployments, to look at long lists or to measure them.
    Seed {
        /// Deployments to make.
        number: u32,
        /// End when they are made, instead of leaving the server running.
        #[arg(long)]
        exit: bool,
        /// A server that is built already.
        #[arg(long, value_name = "PATH")]
        program: Option<PathBuf>,
    },
    /// Measure.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Run everything that CI runs.
    Test,
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
        Task::Web { gallery } => {
            setup::for_interface(&paths)?;
            web::build(&paths, web::Interface::of(gallery))?;
        }
        Task::Run { gallery, arguments } => server::run(&paths, web::Interface::of(gallery), &arguments)?,
        Task::Desktop { arguments } => server::desktop(&paths, &arguments)?,
        Task::Demo { exit, bad_day } => demo::run(&paths, exit, &bad_day)?,
        Task::Seed { number, exit, program } => seed::run(&paths, number, exit, program)?,
        Task::Bench(bench) => bench::run(&paths, bench)?,
        Task::Test => return Ok(test::run(&paths)),
    }
    Ok(std::process::ExitCode::SUCCESS)
}
