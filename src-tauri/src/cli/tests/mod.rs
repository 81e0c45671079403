//! The command line against a real, tiny server: what is asked, what is shown, how it ends.

mod approvals;
mod asking;
mod belonging;
mod editing;
mod gated;
mod https;
mod named;
mod operating;
mod people;
mod registry;
mod reviewing;
mod rules;
mod server;
mod showing;
mod updating;
mod waiting;

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use clap::builder::{OsStr, Resettable};
use clap::{CommandFactory, Subcommand};

use super::context::Pace;
use super::io::Io;
use super::{Command, Line, parse, run};

/// Stands for what the binary does besides.
#[derive(Debug, Subcommand)]
enum Own {
    /// Something inside.
    #[command(hide = true)]
    Inside,
}

/// The exit status of a command, and its output.
#[derive(Debug)]
struct Outcome {
    status: u8,
    out: String,
    err: String,
}

/// A stream that can be read afterwards, and meanwhile.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

/// One call of the program. The environment of whoever runs the tests is not asked.
struct Call {
    words: Vec<OsString>,
    typed: Option<&'static str>,
    pace: Pace,
    out: Written,
    err: Written,
}

impl Call {
    fn new(words: &[&str]) -> Self {
        let words = std::iter::once("changeover").chain(words.iter().copied()).map(OsString::from).collect();
        let pace = Pace { poll: Duration::from_millis(1), patience: Duration::from_secs(60) };
        Self { words, typed: None, pace, out: Written::default(), err: Written::default() }
    }

    /// On a terminal where this is typed.
    fn typing(mut self, typed: &'static str) -> Self {
        self.typed = Some(typed);
        self
    }

    async fn run(self) -> Outcome {
        let mut io = Io::test(Box::new(self.out.clone()), Box::new(self.err.clone()), self.typed);
        let status = match parse::<Own>(command(), &self.words) {
            Err(error) => io.usage(&error),
            Ok(Line { command: Command::Ask(ask), globals }) => run(ask, globals, io, self.pace).await,
            Ok(line) => panic!("{line:?} asks nothing"),
        };
        Outcome { status, out: self.out.text(), err: self.err.text() }
    }
}

fn command() -> clap::Command {
    deaf(Line::<Own>::command())
}

/// A command that does not look at the environment.
pub(super) fn deaf(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.env(Resettable::<OsStr>::Reset)).mut_subcommands(deaf)
}
