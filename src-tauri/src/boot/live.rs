//! What the API shows that is only known while the program runs.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{DeploymentId, Digest, ReplicaId, RolloutNumber};
use domain::model::Tried;
use domain::replica::ReplicaRecord;
use domain::resources::Machine;
use domain::wire::{MetricsPoint, Receipt, Traffic};
use tokio_util::sync::CancellationToken;

use crate::api::{Live, LogFrom, LogPiece, RecordKind};
use crate::config::PublicUrl;
use crate::engine::Engine;
use crate::gateway::{self, Gateway};
use crate::targets::Target as _;
use crate::targets::local::LocalTarget;
use crate::vital::Vital;

/// Asks gateway, engine and target.
pub(super) struct Running {
    gateway: Gateway,
    gateway_url: String,
    engine: Engine<LocalTarget>,
    target: Arc<LocalTarget>,
    vital: Vital,
    /// The server is about to end.
    leaving: CancellationToken,
}

impl Running {
    pub(super) fn new(
        gateway: Gateway,
        public: Option<&PublicUrl>,
        engine: Engine<LocalTarget>,
        target: Arc<LocalTarget>,
        vital: Vital,
        leaving: CancellationToken,
    ) -> Self {
        let own = || format!("http://{}", gateway.local_addr());
        let gateway_url = public.map_or_else(own, |url| url.as_str().to_owned());
        Self { gateway, gateway_url, engine, target, vital, leaving }
    }
}

impl Live for Running {
    fn traffic(&self, deployment: &DeploymentId) -> Traffic {
        self.gateway.traffic(deployment)
    }

    fn metrics(&self, deployment: &DeploymentId, window_seconds: u32) -> Vec<MetricsPoint> {
        self.gateway.metrics(deployment, Duration::from_secs(window_seconds.into()))
    }

    fn in_flight(&self, deployment: &DeploymentId, replica: &ReplicaId) -> u32 {
        self.gateway.in_flight(deployment, replica)
    }

    fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord> {
        self.engine.seen(recorded)
    }

    fn receipt(&self, deployment: &DeploymentId, rollout: RolloutNumber, recorded: &Receipt) -> Receipt {
        self.engine.receipt(deployment, rollout).unwrap_or_else(|| recorded.clone())
    }

    fn counts(&self, deployment: &DeploymentId) -> Receipt {
        self.gateway.tally(deployment)
    }

    fn logs(&self, deployment: &DeploymentId, replica: &ReplicaId, from: LogFrom) -> io::Result<LogPiece> {
        let logs = self.target.logs();
        let (lines, position) = match from {
            LogFrom::Newest(limit) => {
                let end = logs.length(deployment, replica)?;
                (logs.tail(deployment, replica, limit as usize)?, end)
            }
            LogFrom::After(offset) => logs.after(deployment, replica, offset)?,
        };
        Ok(LogPiece { lines, position })
    }

    fn records(&self, deployment: &DeploymentId, kind: RecordKind, from: LogFrom) -> io::Result<LogPiece> {
        let kind = match kind {
            RecordKind::Requests => gateway::RecordKind::Requests,
            RecordKind::Predictions => gateway::RecordKind::Predictions,
        };
        let (lines, position) = match from {
            LogFrom::Newest(limit) => self.gateway.newest_records(deployment, kind, limit as usize)?,
            LogFrom::After(position) => self.gateway.records_after(deployment, kind, position)?,
        };
        Ok(LogPiece { lines, position })
    }

    fn machine(&self) -> Machine {
        self.target.machine()
    }

    fn doing(&self, replica: &ReplicaId) -> Option<String> {
        self.target.doing(replica)
    }

    fn forget_package(&self, digest: &Digest) -> io::Result<()> {
        self.target.forget_package(digest)
    }

    fn first_load(&self, path: &Path, size: u64) -> Tried {
        self.target.first_load(path, size)
    }

    fn gateway_url(&self) -> String {
        self.gateway_url.clone()
    }

    fn ready(&self) -> bool {
        // The API is there only after replicas have been taken over and the engine runs.
        self.vital.is_whole() && !self.leaving.is_cancelled()
    }
}
