//! The commands by which the server starts a replica: every program that holds a server takes them.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt as _;
use std::process::ExitCode;

use domain::replica::{CANNOT_RUN, SPEAKS};

use super::{ExecArgs, LoadArgs, ReplicaArgs, ReplicaError, exec, load, log, run};

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

/// The last word of a command line whose other words come on standard input.
const WORDS_ON_STANDARD_INPUT: &str = "--words-on-standard-input";
/// Most bytes that are read there.
const LONGEST: u64 = 16 << 20;

impl CommandLine {
    /// The words of this process's command line. Those of a replica that are nobody else's business come on standard
    /// input, each ended by a zero byte.
    pub fn words() -> Vec<OsString> {
        Self::completed(std::env::args_os().collect(), &mut io::stdin())
    }

    pub(crate) fn completed(mut words: Vec<OsString>, input: &mut impl Read) -> Vec<OsString> {
        let last = words.last().is_some_and(|word| word == WORDS_ON_STANDARD_INPUT);
        if !last || words.get(1).is_none_or(|word| word != "replica") {
            return words;
        }
        words.pop();
        let mut rest = Vec::new();
        // Where it breaks off, an argument that must be there is missing, and the parser says which.
        let _ = input.take(LONGEST).read_to_end(&mut rest);
        let ended = rest.split_inclusive(|byte| *byte == 0).filter_map(|word| word.strip_suffix(&[0]));
        words.extend(ended.map(|word| OsString::from_vec(word.to_vec())));
        words
    }

    /// Does what it says, until that ends; the exit status of the process.
    pub fn run(self) -> ExitCode {
        match self {
            Self::Replica(args) => match run(*args) {
                Ok(()) => ExitCode::SUCCESS,
                // The last line of the output is the program's own, so that it is what people are shown; its status is
                // this process's.
                Err(ReplicaError::ProgramEnded(status)) => ExitCode::from(status),
                Err(error) => {
                    log::failed(&error);
                    ExitCode::from(error.exit_status())
                }
            },
            Self::ReplicaExec(args) => {
                let error = exec(&args);
                eprintln!("{SPEAKS}{error}");
                ExitCode::from(if error.is_lasting() { CANNOT_RUN } else { 127 })
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
