//! The command line of the desktop window: the server's settings, without the address that it does not listen on.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::error::CliError;
use super::io::Io;
use super::{with_origin, without_empty};
use crate::config::{DataDir, Serve, ServeArgs};

/// Opens Changeover in a window: server, engine and gateway in this one program.
///
/// Closing the window ends them, and the replicas with them. The window's own requests need no port; only the gateway
/// listens. Every setting can also come from a variable CHANGEOVER_… or from DIR/changeover.toml.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version)]
struct Window {
    /// Data directory [default: ~/.local/share/changeover]
    #[arg(long, value_name = "DIR", env = "CHANGEOVER_DATA")]
    data: Option<PathBuf>,
    #[command(flatten)]
    settings: ServeArgs,
}

/// Processes that the server starts by itself.
#[derive(Debug, Parser)]
#[command(name = PROGRAM)]
struct Inner<R: Subcommand> {
    #[command(subcommand)]
    command: R,
}

const PROGRAM: &str = "changeover-desktop";
/// Settings of the listener that the window does without, and their flags.
const LISTENER: [(&str, &str); 3] =
    [("listen", "--listen"), ("host_name", "--host-name"), ("public_url", "--public-url")];

/// The whole program, which was `given` this command line. `open` and `replica` are what the binary does for its two
/// uses.
pub fn desktop<R: Subcommand>(
    given: Vec<OsString>,
    open: impl FnOnce(Serve) -> ExitCode,
    replica: impl FnOnce(R) -> ExitCode,
) -> ExitCode {
    let mut io = Io::process();
    // A parser of its own: a replica must start whatever the variables of the window's settings hold.
    if given.get(1).and_then(|word| word.to_str()).is_some_and(R::has_subcommand) {
        let line = without_empty(Inner::<R>::command()).try_get_matches_from(&given);
        return match line.and_then(|line| Inner::from_arg_matches(&line)) {
            Ok(Inner { command }) => replica(command),
            Err(error) => ExitCode::from(io.usage(&error)),
        };
    }
    match parse(without_empty(command()), &given) {
        Ok(window) => match settings(window) {
            Ok(settings) => open(settings),
            Err(error) => ExitCode::from(io.failed(&error)),
        },
        Err(error) => ExitCode::from(io.usage(&error)),
    }
}

fn command() -> clap::Command {
    LISTENER.iter().fold(Window::command(), |command, (setting, _)| command.mut_arg(setting, |flag| flag.hide(true)))
}

fn parse(command: clap::Command, given: &[OsString]) -> Result<Window, clap::Error> {
    let matches = command.try_get_matches_from(given).map_err(|error| with_origin(error, given))?;
    let typed = |setting: &str| matches.value_source(setting) == Some(ValueSource::CommandLine);
    if let Some((_, flag)) = LISTENER.iter().find(|(setting, _)| typed(setting)) {
        let problem =
            format!("the window opens no port for its API, so it does not take {flag}. `changeover serve` does");
        return Err(Window::command().error(ErrorKind::ArgumentConflict, problem));
    }
    Window::from_arg_matches(&matches)
}

fn settings(window: Window) -> Result<Serve, CliError> {
    // An address that is meant for `changeover serve` must not stand in the way here.
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let settings = ServeArgs { listen, host_name: None, public_url: None, ..window.settings };
    Ok(settings.resolve(DataDir::resolve(window.data.as_deref())?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::deaf;

    fn given(words: &[&str]) -> Result<Window, clap::Error> {
        let words: Vec<OsString> = std::iter::once(&PROGRAM).chain(words).map(OsString::from).collect();
        parse(deaf(command()), &words)
    }

    #[test]
    fn it_takes_the_servers_settings_but_no_address_to_listen_on() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().to_str().unwrap();
        let window = given(&["--data", folder, "--gateway", "127.0.0.1:7070", "--orphan-seconds", "5"]).unwrap();
        let settings = settings(window).unwrap();
        assert_eq!(settings.data.path(), data.path());
        assert_eq!((settings.gateway.listen.port(), settings.orphan_seconds), (7070, 5));

        let listener = [
            ("--listen", "127.0.0.1:0"),
            ("--host-name", "models.example.org"),
            ("--public-url", "https://models.example.org"),
        ];
        for (flag, value) in listener {
            let refused = given(&[flag, value]).unwrap_err().to_string();
            assert!(refused.contains("opens no port") && refused.contains(flag), "{refused}");
            assert!(!given(&["--help"]).unwrap_err().to_string().contains(flag));
        }
        assert!(given(&["--help"]).unwrap_err().to_string().contains("--gateway"));
    }
}
