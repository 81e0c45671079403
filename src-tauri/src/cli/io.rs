//! Standard input, output and error, and what may be done with each: ask, colour, draw.

use std::io::{self, BufRead, IsTerminal, Write};

use console::style;
use domain::visible;
use domain::wire::ErrorCode;
use jiff::tz::TimeZone;

use super::error::CliError;
use super::text::{self, printable};

/// The three streams of the program.
pub(super) struct Io {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    input: Box<dyn BufRead>,
    /// Somebody sits there and can be asked.
    pub(super) can_ask: bool,
    /// Standard output is a terminal.
    out_terminal: bool,
    /// Standard error is a terminal, on which progress is drawn.
    pub(super) err_terminal: bool,
    /// True when standard output is coloured.
    colour: bool,
    /// The clock on the wall.
    pub(super) zone: TimeZone,
}

impl Io {
    /// Those of this process.
    pub(super) fn process() -> Self {
        let (out_terminal, err_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            err: Box::new(io::stderr()),
            input: Box::new(io::BufReader::new(io::stdin())),
            can_ask: io::stdin().is_terminal() && err_terminal,
            out_terminal,
            err_terminal,
            colour: out_terminal && console::colors_enabled(),
            zone: TimeZone::system(),
        }
    }

    /// Streams of a test: no terminal, no colour, Greenwich.
    #[cfg(test)]
    pub(super) fn test(out: Box<dyn Write>, err: Box<dyn Write>, typed: Option<&str>) -> Self {
        Self {
            out,
            err,
            input: Box::new(io::Cursor::new(typed.unwrap_or_default().to_owned())),
            can_ask: typed.is_some(),
            out_terminal: false,
            err_terminal: false,
            colour: false,
            zone: TimeZone::UTC,
        }
    }

    /// A line on standard output.
    pub(super) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        // Colours are control characters of our own; nobody else's formatting passes here.
        writeln!(self.out, "{}", visible::unformatted(text.as_ref()))
    }

    /// A line about what goes on, on standard error.
    pub(super) fn note(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.err, "{}", visible::unformatted(text.as_ref()))
    }

    /// Bytes exactly as they came; on a terminal the line is ended.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        if self.out_terminal && !bytes.ends_with(b"\n") {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()
    }

    /// Brings out what was written so far.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// `text` in bold, on a terminal.
    pub(super) fn strong(&self, text: &str) -> String {
        style(text).force_styling(self.colour).bold().to_string()
    }

    /// `text` in the background, on a terminal.
    pub(super) fn faint(&self, text: &str) -> String {
        style(text).force_styling(self.colour).dim().to_string()
    }

    /// A state's word in the colour of how good it is, on a terminal.
    pub(super) fn state(&self, word: &str) -> String {
        let styled = style(word).force_styling(self.colour);
        match word.split([' ', ',']).next().unwrap_or_default() {
            "running" | "ready" | "completed" | "in_use" | "approved" | "applied" => styled.green().to_string(),
            "dead" | "failed" | "unready" | "reverted" | "revert_failed" | "unknown" | "stale" | "expired" => {
                styled.red().to_string()
            }
            "pending" | "starting" | "draining" | "rolling" | "paused" | "reverting" | "stopping" | "deploying" => {
                styled.yellow().to_string()
            }
            _ => word.to_owned(),
        }
    }

    /// Asks on standard error and gives back the line that was typed, trimmed.
    pub(super) fn ask(&mut self, question: &str) -> io::Result<String> {
        self.out.flush()?;
        write!(self.err, "{question} ")?;
        self.err.flush()?;
        let mut typed = String::new();
        self.input.read_line(&mut typed)?;
        Ok(typed.trim().to_owned())
    }

    /// Says what went wrong; the exit status.
    pub(super) fn failed(&mut self, error: &CliError) -> u8 {
        let status = error.exit_status();
        if status == 0 {
            return status;
        }
        let error_word = style("error:").force_styling(self.err_terminal && console::colors_enabled_stderr()).red();
        let mut lines = vec![];
        match error {
            CliError::Refused { problem, way_on, .. } => {
                lines.push(format!("{error_word} {}", printable(&problem.title)));
                lines.push(format!("  {}", printable(&problem.detail)));
                lines.push(format!("  code: {}", problem.code));
                for (key, value) in &problem.more {
                    if is_for_people(value) {
                        lines.push(format!("  {}: {}", printable(key), text::value(value)));
                    }
                }
                if problem.code == ErrorCode::Unauthenticated {
                    lines.push("  Give the token with --token or CHANGEOVER_TOKEN.".to_owned());
                }
                lines.extend(way_on.iter().map(|way| format!("  {}", printable(way))));
            }
            other => lines.push(format!("{error_word} {}", printable(&other.to_string()))),
        }
        // Nothing is left to say it to when standard error is gone.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{}", visible::unformatted(&lines.join("\n")));
        status
    }

    /// Shows a usage error, or the help that was asked for; the exit status.
    pub(super) fn usage(&mut self, error: &clap::Error) -> u8 {
        let (stream, coloured) = match error.use_stderr() {
            true => (&mut self.err, self.err_terminal && console::colors_enabled_stderr()),
            false => (&mut self.out, self.colour),
        };
        let rendered = error.render();
        let text = if coloured { rendered.ansi().to_string() } else { rendered.to_string() };
        // As above.
        let _ = write!(stream, "{text}").and_then(|()| stream.flush());
        u8::try_from(error.exit_code()).unwrap_or(2)
    }
}

/// True for a word or a list of words; `--json` shows everything.
fn is_for_people(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null | serde_json::Value::Object(_) => false,
        serde_json::Value::Array(values) => !values.is_empty() && values.iter().all(|value| !value.is_object()),
        _ => true,
    }
}
