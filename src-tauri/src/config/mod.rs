//! Settings: what was written (flags, environment, `DIR/changeover.toml`) becomes what holds.
//!
//! Precedence: flag, environment variable `CHANGEOVER_…`, file, default. The file's keys are the flags'
//! long names with `_` for `-`; the environment's are the same in capitals, behind `CHANGEOVER_`.

mod data;
mod mail;
mod oidc;
mod raw;
mod resolved;
mod told;
mod values;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use data::{DataDir, RunningServer};
pub use mail::{MailArgs, MailSettings, MailTls};
pub use oidc::OidcSettings;
pub use raw::ServeArgs;
pub use resolved::{CapacitySettings, GatewaySettings, Serve, ShutdownSettings, TargetSettings};
pub use values::{Bounded, ByteSize, Decimal, HostAndPort, LogLevel, Network, PublicUrl};

/// The reason why settings cannot be used; the sentence names where the value came from.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither `--data` nor a home directory.
    #[error("no data directory is known: neither XDG_DATA_HOME nor HOME is set. Name one with --data DIR")]
    NoDataDirectory,
    /// A file or directory that cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The settings file has an unknown key or a wrong value.
    #[error("{path} cannot be used: {problem}")]
    File {
        /// The settings file.
        path: PathBuf,
        /// Line, key and what was expected.
        problem: String,
    },
    /// Other machines would reach the server, and nobody said that they may.
    #[error(
        "{setting} {address} lets other machines in, and what they send is not encrypted. \
         Use a loopback address such as 127.0.0.1:{port}, or say that you mean it with --allow-remote",
        port = address.port()
    )]
    Remote {
        /// `--listen` or `--gateway`.
        setting: &'static str,
        /// The address asked for.
        address: SocketAddr,
    },
    /// The API and the gateway were given one address.
    #[error("--listen and --gateway are both {0}; give them different ports")]
    SameAddress(SocketAddr),
    /// The file describes the target that every server has.
    #[error(
        "the target \"local\" is always there, and capacity_cpu, capacity_memory_gb and capacity_gpus say what it has; \
         take the table [targets.local] out of changeover.toml, or give it another name"
    )]
    LocalTarget,
    /// The table `[mail]` cannot be used.
    #[error("[mail] in changeover.toml: {problem}")]
    Mail {
        /// A sentence.
        problem: String,
    },
    /// The table of the identity provider has a value that cannot be used.
    #[error("{key} in the table [oidc] of changeover.toml {problem}")]
    Oidc {
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Nobody could be sent back from the identity provider.
    #[error(
        "the table [oidc] of changeover.toml needs --public-url: the identity provider sends people back to that address, and \
         {0} is none that they reach"
    )]
    NoWayBack(SocketAddr),
    /// The named ONNX Runtime library is not there.
    #[error("there is no ONNX Runtime library at {0}; set --onnxruntime to the path of a libonnxruntime.so")]
    NoLibrary(PathBuf),
}
