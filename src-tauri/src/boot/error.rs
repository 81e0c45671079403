//! The faults for which the server does not start, or ends.

use std::net::SocketAddr;

use super::data_error::DataError;
use crate::commands::Refusal;
use crate::engine::EngineError;
use crate::gateway::GatewayError;
use crate::packages::artifacts::ArtifactError;
use crate::store::StoreError;
use crate::targets::TargetError;

/// The faults for which the server does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A backup was not made or not brought back.
    #[error(transparent)]
    Upkeep(#[from] crate::upkeep::UpkeepError),
    /// The artifacts cannot be used.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The gateway cannot listen.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The local target cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Running replicas cannot be taken over.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The settings of the mail server cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The API's address is taken.
    #[error(
        "the API cannot listen on {address}: another program does already. Stop it, or choose another address with --listen"
    )]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Something that the server cannot do without broke off.
    #[error(
        "{part} stopped working, which is a defect of Changeover; see the lines before this one. The server has ended. Its \
         replicas run on for {orphan_seconds} s: start the server within that time, and it takes them over"
    )]
    PartLost {
        /// The name of the part, for people.
        part: &'static str,
        /// The time that replicas wait to be adopted.
        orphan_seconds: u64,
    },
    /// The server's own token is to let nobody in, and nobody else could come in.
    #[error(
        "the server does not start with --no-local-token: no other administrator has a password or an account at the identity provider yet, so \
         nobody could sign in. Start it without, invite somebody as an administrator, and have them accept. Then start it so again. \
         `changeover admin link` lets an administrator in from this machine"
    )]
    NobodyElse,
    /// The identity provider cannot be asked.
    #[error(transparent)]
    Oidc(#[from] crate::oidc::OidcError),
    /// What was asked for on the machine was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The window cannot be opened.
    #[error(transparent)]
    Window(Box<dyn std::error::Error + Send + Sync>),
    /// The system refused something else.
    #[error("{what}: {source}")]
    System {
        /// The attempt, in a few words.
        what: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
}
