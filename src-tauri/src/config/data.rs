//! The data directory: where it is, and the files in it by which a client finds the running server.

use std::env;
use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// A data directory, as an absolute path. It need not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// `given` (from `--data` or `CHANGEOVER_DATA`), else `changeover` in the user's data directory.
    ///
    /// # Errors
    /// Nothing was given and there is no home directory.
    pub fn resolve(given: Option<&Path>) -> Result<Self, ConfigError> {
        let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let path = match given {
            Some(given) => given.to_owned(),
            None => variable("XDG_DATA_HOME")
                .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
                .ok_or(ConfigError::NoDataDirectory)?
                .join("changeover"),
        };
        match std::path::absolute(&path) {
            Ok(absolute) => Ok(Self(absolute)),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.0.join("changeover.toml")
    }

    /// Says where the running server answers; mode 0600.
    pub fn server(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// Holds the server's token; mode 0600.
    pub fn token(&self) -> PathBuf {
        self.0.join("token")
    }

    /// The addresses and process that this directory's server wrote down; none when it never ran or has ended properly.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn running_server(&self) -> Result<Option<RunningServer>, ConfigError> {
        let path = self.server();
        let Some(text) = read_if_there(&path)? else { return Ok(None) };
        match serde_json::from_str(&text) {
            Ok(server) => Ok(Some(server)),
            Err(error) => Err(ConfigError::File { path, problem: error.to_string() }),
        }
    }

    /// True while a server holds this directory.
    ///
    /// # Errors
    /// The lock is there and cannot be looked at.
    pub fn is_held(&self) -> Result<bool, ConfigError> {
        let path = self.0.join("lock");
        let file = match std::fs::File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other.map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?,
        };
        // Shared and given back at once, so that nobody who looks at the same time is in the way.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// The token of this directory's server; none when it never ran.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read_token(&self) -> Result<Option<String>, ConfigError> {
        Ok(read_if_there(&self.token())?.map(|text| text.trim().to_owned()).filter(|token| !token.is_empty()))
    }
}

/// The content of `server.json` while a server runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningServer {
    /// Base URL of the API, for example `http://127.0.0.1:7070`.
    pub api: String,
    /// Base URL of the gateway.
    pub gateway: String,
    /// The server's process.
    pub pid: u32,
}

/// A file's text; none when it does not exist.
pub(super) fn read_if_there(path: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    }
}
