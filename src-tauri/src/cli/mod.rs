//! The command line: a thin client of the API. It knows the wire types and nothing of the server.
//!
//! Flow: parse → hand over to the binary what asks no server (`serve`, replicas) → for everything else find
//! the server, ask it, show the answer.
//! Errors: each kind has its exit status ([`EXIT`]); sentences go to standard error.

mod args;
mod client;
mod commands;
mod connection;
mod context;
mod desktop;
mod error;
mod file;
mod gate;
mod https;
mod io;
mod names;
mod requested;
mod set;
mod show;
mod table;
mod text;
mod wait;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{DataDir, Serve, ServeArgs};
use client::Client;
use commands::Ask;
pub use commands::{Admin, AdminDeed, Upkeep};
use connection::Globals;
use context::{Context, Pace};
pub use desktop::desktop;
use error::CliError;
use io::Io;

/// Replaces the model behind a live inference URL without anyone downstream noticing.
#[derive(Debug, Parser)]
#[command(name = "changeover", version, arg_required_else_help = true, after_help = EXIT)]
struct Line<O: Subcommand> {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command<O>,
}

const EXIT: &str = "Exit status: 0 done; 1 refused or failed; 2 wrong usage; 3 no server.
Of a wait also: 4 reverted; 5 paused (with --until paused); 6 the --timeout is over; 130 Ctrl-C.";

/// Everything that the program does; `O` is what the binary does besides, unseen in the help.
#[expect(clippy::large_enum_variant, reason = "there is one, and it is parsed once")]
#[derive(Debug, Subcommand)]
enum Command<O: Subcommand> {
    /// Start the server: API, web interface, engine and gateway
    ///
    /// --listen can also be set as CHANGEOVER_LISTEN, or as `listen` in DIR/changeover.toml;
    /// likewise every other setting. A flag wins over the variable, the variable over the file.
    #[command(verbatim_doc_comment)]
    Serve(Box<ServeArgs>),
    /// Commands of the binary itself.
    #[command(flatten)]
    Own(O),
    /// Upkeep of a data directory.
    #[command(flatten)]
    Upkeep(Upkeep),
    /// A request to the server.
    #[command(flatten)]
    Ask(Ask),
}

/// The whole program, which was `given` this command line. `serve` starts the server; `upkeep` does what asks no
/// server; `own` does the commands `O` that the binary has besides.
pub fn main<O: Subcommand>(
    given: Vec<OsString>,
    serve: impl FnOnce(Serve) -> ExitCode,
    upkeep: impl FnOnce(DataDir, Upkeep) -> ExitCode,
    own: impl FnOnce(O) -> ExitCode,
) -> ExitCode {
    let mut io = Io::process();
    let line = match parse::<O>(without_empty(Line::<O>::command()), &given) {
        Ok(line) => line,
        Err(error) => return ExitCode::from(io.usage(&error)),
    };
    match line.command {
        Command::Serve(args) => match settings(*args, &line.globals) {
            Ok(settings) => serve(settings),
            Err(error) => ExitCode::from(io.failed(&error)),
        },
        Command::Own(command) => own(command),
        Command::Upkeep(what) => match DataDir::resolve(line.globals.data.as_deref()) {
            Ok(data) => upkeep(data, told(what, line.globals.json)),
            Err(error) => ExitCode::from(io.failed(&error.into())),
        },
        Command::Ask(ask) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            ExitCode::from(match runtime {
                Ok(runtime) => runtime.block_on(run(ask, line.globals, io, Pace::default())),
                Err(error) => io.failed(&CliError::Local { what: "the program cannot start", source: error }),
            })
        }
    }
}

/// Asks the server and shows the answer; the exit status.
async fn run(ask: Ask, globals: Globals, io: Io, pace: Pace) -> u8 {
    let json = globals.json;
    let mut context = match Client::new(globals) {
        Ok(client) => Context { client, io, json, pace },
        Err(error) => return { io }.failed(&error),
    };
    if let Some(warning) = context.client.warning() {
        // Nothing is left to say it to when standard error is gone.
        let _ = context.io.note(warning);
    }
    let outcome = ask.run(&mut context).await;
    match outcome.and_then(|()| Ok(context.io.flush()?)) {
        Ok(()) => 0,
        Err(error) => {
            if let (true, CliError::Refused { body, .. }) = (json, &error) {
                // The sentence still goes to standard error; a reader that has gone away changes nothing.
                let _ = context.io.raw(body);
            }
            context.io.failed(&error)
        }
    }
}

/// Upkeep whose answer can be JSON, with whether it is to be.
fn told(what: Upkeep, json: bool) -> Upkeep {
    match what {
        Upkeep::Admin(admin) => Upkeep::Admin(Admin { json, ..admin }),
        what => what,
    }
}

fn settings(args: ServeArgs, globals: &Globals) -> Result<Serve, CliError> {
    Ok(args.resolve(DataDir::resolve(globals.data.as_deref())?)?)
}

fn parse<O: Subcommand>(command: clap::Command, given: &[OsString]) -> Result<Line<O>, clap::Error> {
    let matches = command.try_get_matches_from(given).map_err(|error| with_origin(error, given))?;
    let line = Line::<O>::from_arg_matches(&matches)?;
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let answers_in_json = |id: &&str| *id == "json" && matches!(line.command, Command::Upkeep(Upkeep::Admin(_)));
    let flags = ["json", "server", "token"].into_iter().filter(|id| !answers_in_json(id));
    match (&line.command, { flags }.find(|id| typed(id))) {
        (Command::Serve(_) | Command::Own(_) | Command::Upkeep(_), Some(flag)) => {
            let problem = format!("this command asks no server, so it does not take --{flag}");
            Err(Line::<O>::command().error(ErrorKind::ArgumentConflict, problem))
        }
        _ => Ok(line),
    }
}

/// A command for which variables that are set and empty are not set.
fn without_empty(command: clap::Command) -> clap::Command {
    let is_empty =
        |argument: &clap::Arg| argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|argument| match is_empty(&argument) {
        true => argument.env(Resettable::<OsStr>::Reset),
        false => argument,
    });
    command.mut_subcommands(without_empty)
}

/// Says so when a wrong value was not typed but comes from the environment.
fn with_origin(mut error: clap::Error, given: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return error };
    let flag = argument.split([' ', '=', '[']).next().unwrap_or_default().to_owned();
    let typed = given.iter().any(|word| word.to_string_lossy().split('=').next() == Some(flag.as_str()));
    let wrong_value = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
    if wrong_value && !typed && flag.starts_with("--") {
        let variable = format!("CHANGEOVER_{}", flag[2..].replace('-', "_").to_uppercase());
        let tip = format!("the value comes from the environment variable {variable}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}
