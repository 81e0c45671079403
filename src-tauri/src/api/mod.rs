//! The rooms that every caller shares, whatever the protocol: the transaction, once for each key, the views.
//!
//! # Flow
//!
//! A door (`http`) lets a [`Caller`](domain::caller::Caller) in and takes an [`ApiFor`] them. What is read comes from
//! [`Views`] at one moment; what is changed is a command inside one transaction, given an
//! [`Act`](crate::commands::Act).
//!
//! # Guarantees
//!
//! - Everything that is asked, and every entry that follows from it, is on behalf of a caller.
//! - A repeat with the same [`IdempotencyKey`] of the same caller answers what the first one answered, and does
//!   nothing.
//! - Reads, streams, uploads and files that are looked into are bounded by [`Bounds`].

mod answer;
mod artifacts;
mod caller;
mod credentials;
mod export;
mod export_table;
mod faults;
mod feed;
mod health;
mod inspect;
mod kept;
mod live;
mod predict;
mod provider;
mod recorded;
mod recorded_table;
mod sign_in;
mod unreadable;
mod views;
mod watched;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use domain::wire::SettingsView;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use answer::{Answer, Effect, Resource};
pub(crate) use caller::ApiFor;
pub(crate) use feed::{Feed, FeedItem, GAP};
pub(crate) use health::Health;
pub(crate) use kept::IdempotencyKey;
pub use live::{
    GatewayAnswer, GatewayCall, Live, LiveOutput, LivePredictions, LiveRequests, LiveTargets, LogFrom, LogPiece,
    OutputFrom, OutputPiece, RecordKind,
};
pub use provider::{IdentityProvider, SetOut, Unvouched, Vouching};
pub(crate) use recorded::RecordsAbout;
pub(crate) use sign_in::{CameIn, ComesFrom, Evidence, MadeSecret, Stay, Visitor};
pub(crate) use views::{HistoryAbout, Include, Matching, Numbers, Sought, Views, WaitingCounts, Whose};

pub(crate) use watched::LookedAt;

use faults::Faults;
use sign_in::SignIns;
use watched::NamedStreams;

use crate::clock::Clock;
use crate::courier::Courier;
use crate::packages::artifacts::Artifacts;
pub(crate) use crate::packages::artifacts::Received;
use crate::store::Store;

/// The parts that the API is built from.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// Model files.
    pub artifacts: Arc<Artifacts>,
    /// The state that is only known while the program runs.
    pub live: Arc<dyn Live>,
    /// The bounds of requests.
    pub bounds: Bounds,
    /// The clock.
    pub clock: Clock,
    /// When cancelled, answers without an end (events, logs that are followed) end, so that the server can.
    pub stopping: CancellationToken,
    /// The server's own token lets nobody in.
    pub closed: bool,
    /// The courier, who brings messages.
    pub courier: Arc<Courier>,
    /// The identity provider, where one is configured.
    pub vouching: Option<Vouching>,
    /// The settings that the server was started with.
    pub settings: SettingsView,
}

/// Everything that can be asked, by whichever door.
pub struct Api {
    store: Arc<Store>,
    artifacts: Arc<Artifacts>,
    pub(crate) live: Arc<dyn Live>,
    pub(crate) bounds: Bounds,
    clock: Clock,
    pub(crate) stopping: CancellationToken,
    /// One for each model file that may be received now.
    pub(crate) uploads: Semaphore,
    /// One for each model file that may be read now.
    inspections: Semaphore,
    pub(crate) courier: Arc<Courier>,
    reads: Semaphore,
    /// One for each prediction that may be asked for by hand now.
    pub(crate) predictions: Semaphore,
    streams: Arc<Semaphore>,
    named_streams: Arc<NamedStreams>,
    sign_ins: SignIns,
    faults: Faults,
    pub(crate) settings: SettingsView,
}

/// The bounds of concurrent requests and of their size.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Largest JSON body in bytes.
    pub body_bytes: usize,
    /// Largest JSON body in bytes of somebody who has not shown a token.
    pub stranger_bytes: usize,
    /// Largest model file in bytes.
    pub model_bytes: u64,
    /// Model files that are received at a time; further ones wait for a while, and are refused then.
    pub uploads: usize,
    /// Received model files that are read at a time; further ones wait.
    pub inspections: usize,
    /// Reads of the store that run at a time; further ones wait.
    pub reads: usize,
    /// Clients that listen to events or follow logs at a time; further ones are refused.
    pub streams: usize,
    /// Predictions that are asked for by hand at a time; further ones are refused.
    pub predictions: usize,
    /// Most bytes of an answer to one that are handed back.
    pub prediction_bytes: usize,
    /// The time that such an answer may take.
    pub prediction_patience: Duration,
    /// Entries of the history that one request looks at; its answer says where to go on.
    pub looked_at: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            stranger_bytes: 4 << 10,
            model_bytes: 2 << 30,
            uploads: 16,
            inspections: 4,
            reads: 8,
            streams: 256,
            predictions: 16,
            prediction_bytes: 1 << 20,
            prediction_patience: Duration::from_secs(40),
            looked_at: 20_000,
        }
    }
}

impl Api {
    /// One for all doors: what bounds its use counts them together.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, artifacts, live, bounds, clock, stopping, closed, courier, vouching, settings } = parts;
        Arc::new(Self {
            store,
            artifacts,
            live,
            bounds,
            clock,
            stopping,
            uploads: Semaphore::new(bounds.uploads),
            inspections: Semaphore::new(bounds.inspections),
            courier,
            reads: Semaphore::new(bounds.reads),
            predictions: Semaphore::new(bounds.predictions),
            streams: Arc::new(Semaphore::new(bounds.streams)),
            named_streams: Arc::default(),
            sign_ins: SignIns::new(closed, vouching),
            faults: Faults::default(),
            settings,
        })
    }
}
