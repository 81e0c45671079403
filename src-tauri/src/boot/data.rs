//! The data directory at start and end: its lock, its token, and what it tells clients.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, IsTerminal as _, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::data_error::DataError;
use super::error::BootError;
use crate::config::RunningServer;

fn at(path: &Path) -> impl Fn(io::Error) -> DataError {
    move |source| DataError::File { path: path.to_owned(), source }
}

/// Makes the directory for nobody but its owner; answers its real path. One that is there keeps its mode: what is
/// made inside is closed to others in any case.
pub(super) fn prepare(folder: &Path) -> Result<PathBuf, DataError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
    let mode = folder.metadata().map_err(at(folder))?.permissions().mode() & 0o7777;
    if mode & 0o002 != 0 {
        return Err(DataError::Open { folder: folder.to_owned(), mode });
    }
    if mode & 0o020 != 0 {
        tracing::warn!(folder = %folder.display(), mode = %format!("{mode:o}"), "members of the data directory's group may write to it");
    }
    folder.canonicalize().map_err(at(folder))
}

/// Checks that model files in it are not left over from a database that is gone: a start on an empty one would take
/// them for nobody's.
pub(super) fn check_database(folder: &Path) -> Result<(), BootError> {
    if !crate::store::holds_nothing(folder)? {
        return Ok(());
    }
    let files = std::fs::read_dir(folder.join("artifacts/sha256")).map_or(0, Iterator::count);
    let names = ["head.json", "changeover.db-wal"].into_iter().filter(|name| folder.join(name).exists());
    let is_there = |name: &str| folder.join(name).exists();
    // A log alone is of a database that was there; beside an empty one it is that one's own.
    let log_alone = is_there("changeover.db-wal") && !is_there(crate::store::DATABASE);
    if files == 0 && !is_there("head.json") && !log_alone {
        return Ok(());
    }
    let models = (files > 0).then(|| format!("{files} model files (artifacts/sha256)"));
    let found: Vec<_> = models.into_iter().chain(names.map(str::to_owned)).collect();
    Err(DataError::NoDatabase { folder: folder.to_owned(), found: found.join(", ") }.into())
}

/// Lets everything that this process and its replicas make be closed to others, whoever makes it.
pub(super) fn keep_from_others() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// The number of attempts to get the lock, 10 ms apart.
const PATIENCE: u32 = 100;

/// Held for as long as the server lives; replicas look at it.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(folder: &Path) -> Result<Self, DataError> {
        let path = folder.join("lock");
        let mut file = private().open(&path).map_err(at(&path))?;
        // A replica that looks whether the lock is held holds it for a moment itself, so that one refusal means nothing.
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries < PATIENCE => {
                    tries += 1;
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let mut pid = String::new();
                    file.read_to_string(&mut pid).map_err(at(&path))?;
                    return Err(DataError::InUse { folder: folder.to_owned(), pid: pid.trim().to_owned() });
                }
                Err(TryLockError::Error(source)) => return Err(DataError::File { path, source }),
            }
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(at(&path))?;
        writeln!(file, "{}", std::process::id()).map_err(at(&path))?;
        Ok(Self { _file: file })
    }
}

/// The server's token; made on the first start.
pub(super) fn token(path: &Path) -> Result<String, DataError> {
    let mut file = private().open(path).map_err(at(path))?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(at(path))?;
    let mut token = String::new();
    file.read_to_string(&mut token).map_err(at(path))?;
    if !token.trim().is_empty() {
        return Ok(token.trim().to_owned());
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| at(path)(io::Error::other(error)))?;
    let token = hex::encode(bytes);
    writeln!(file, "{token}").map_err(at(path))?;
    Ok(token)
}

/// Tells clients where the server answers.
pub(super) fn announce(path: &Path, running: &RunningServer) -> Result<(), DataError> {
    let text = serde_json::to_string(running).map_err(|error| at(path)(io::Error::other(error)))?;
    let mut file = private().open(path).map_err(at(path))?;
    file.set_len(0).map_err(at(path))?;
    writeln!(file, "{text}").map_err(at(path))
}

/// Tells clients that it no longer does.
pub(super) fn withdraw(path: &Path) {
    // A client that still finds it is told that nobody answers there.
    let _ = std::fs::remove_file(path);
}

/// Lets the process have as many files and connections open as the system permits it to; how many that are, if there
/// is a limit.
pub(super) fn raise_open_files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it is refused, the gateway's own limit on connections still holds.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current
}

/// Writes the program's log to standard error.
pub(super) fn log_to_stderr(level: &str) {
    // Only the first call in a process counts.
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(level)).with_writer(io::stderr);
    // Colours are for a terminal, not for a file.
    let _ = log.with_ansi(io::stderr().is_terminal()).try_init();
}

/// SIGTERM and SIGINT (Ctrl-C) as they come.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Returns when one has come.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Catches both from now on.
///
/// # Errors
/// The system refuses.
pub(super) fn signals() -> Result<Signals, BootError> {
    let listen = |kind| signal(kind).map_err(|source| BootError::System { what: "signals cannot be received", source });
    Ok(Signals { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_who_holds_the_directory() {
        let folder = tempfile::tempdir().unwrap();
        let _lock = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).err().unwrap().to_string();
        assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
    }

    #[test]
    fn the_token_stays_the_same_and_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let made = token(&path).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(token(&path).unwrap(), made);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
