//! The live state that the API shows, which is only known while the program runs.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use domain::id::{DeploymentId, Digest, ReplicaId, RevisionNumber, RolloutNumber, TargetName};
use domain::metrics::DurationCounts;
use domain::model::Tried;
use domain::replica::ReplicaRecord;
use domain::resources::{Machine, Usage};
use domain::target::Traits;
use domain::wire::{MetricsView, Receipt, Traffic};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::predictions;
use crate::api::{
    GatewayAnswer, GatewayCall, Live, LiveOutput, LivePredictions, LiveRequests, LiveTargets, LogFrom, LogPiece,
    OutputFrom, OutputPiece, RecordKind,
};
use crate::commands::Machines;
use crate::config::PublicUrl;
use crate::engine::Engine;
use crate::gateway::{self, Gateway};
use crate::metrics::{Metrics, MetricsQuestion};
use crate::targets::local::LocalTarget;
use crate::targets::{Output, Piece, Target, Targets};
use crate::vital::Vital;

/// Asks gateway, engine and target.
pub(super) struct LiveServer {
    pub(super) gateway: Gateway,
    pub(super) gateway_url: String,
    pub(super) metrics: Metrics,
    pub(super) engine: Engine,
    pub(super) targets: Arc<Targets>,
    /// Processes on this machine, which also load files that are being registered.
    pub(super) local: Arc<LocalTarget>,
    pub(super) vital: Vital,
    /// The server is about to end.
    pub(super) leaving: CancellationToken,
}

/// The URL at which callers reach the gateway.
pub(super) fn gateway_url(gateway: &Gateway, public: Option<&PublicUrl>) -> String {
    let own = || format!("http://{}", gateway.local_addr());
    public.map_or_else(own, |url| url.as_str().to_owned())
}

impl LiveServer {
    /// The piece that `read` gives of the one target that has output of the replica.
    fn first_found(&self, read: impl Fn(&dyn Output) -> io::Result<Piece>) -> io::Result<Piece> {
        for (_, target) in self.targets.all() {
            match read(target.output()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                found => return found,
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

impl LiveRequests for LiveServer {
    fn traffic(&self, deployment: &DeploymentId) -> Traffic {
        self.gateway.traffic(deployment)
    }

    fn metrics(&self, deployment: &DeploymentId, window_seconds: u32, by_revision: bool) -> io::Result<MetricsView> {
        let question = MetricsQuestion { window: window_seconds, by_revision };
        self.metrics.view(deployment, question).map_err(io::Error::other)
    }

    fn durations(&self, deployment: &DeploymentId) -> Vec<(Option<RevisionNumber>, DurationCounts)> {
        self.gateway.durations(deployment)
    }

    fn in_flight(&self, deployment: &DeploymentId, replica: &ReplicaId) -> u32 {
        self.gateway.in_flight(deployment, replica)
    }

    fn receipt(&self, deployment: &DeploymentId, rollout: RolloutNumber, recorded: &Receipt) -> Receipt {
        self.engine.receipt(deployment, rollout).unwrap_or_else(|| recorded.clone())
    }

    fn counts(&self, deployment: &DeploymentId) -> Receipt {
        self.gateway.tally(deployment)
    }
}

impl LiveOutput for LiveServer {
    fn logs(&self, deployment: &DeploymentId, replica: &ReplicaId, from: OutputFrom) -> io::Result<OutputPiece> {
        let read = |output: &dyn Output| match from {
            OutputFrom::Before(position, limit) => output.before(deployment, replica, position, limit),
            OutputFrom::After(position) => output.after(deployment, replica, position),
        };
        let Piece { lines, begin, end, earlier, lost } = self.first_found(read)?;
        Ok(OutputPiece { lines, begin, end, earlier, lost })
    }

    fn records(&self, deployment: &DeploymentId, kind: RecordKind, from: LogFrom) -> io::Result<LogPiece> {
        let kind = of_gateway(kind);
        let (lines, position) = match from {
            LogFrom::Newest(limit) => self.gateway.newest_records(deployment, kind, limit as usize)?,
            LogFrom::After(position) => self.gateway.records_after(deployment, kind, position)?,
        };
        Ok(LogPiece { lines, position })
    }

    fn records_back(
        &self,
        deployment: &DeploymentId,
        kind: RecordKind,
        take: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.gateway.records_back(deployment, of_gateway(kind), take)
    }
}

fn of_gateway(kind: RecordKind) -> gateway::RecordKind {
    match kind {
        RecordKind::Requests => gateway::RecordKind::Requests,
        RecordKind::Predictions => gateway::RecordKind::Predictions,
    }
}

impl LivePredictions for LiveServer {
    fn predict(&self, call: GatewayCall) -> BoxFuture<'static, Result<GatewayAnswer, String>> {
        Box::pin(predictions::ask(self.gateway.local_addr(), call))
    }
}

impl Machines for Targets {
    fn machine(&self, target: &TargetName) -> Machine {
        self.of(target).room().machine()
    }

    fn traits(&self, target: &TargetName) -> Traits {
        self.of(target).traits()
    }

    fn targets(&self) -> Vec<TargetName> {
        self.all().map(|(name, _)| name.clone()).collect()
    }
}

impl Machines for LiveServer {
    fn machine(&self, target: &TargetName) -> Machine {
        self.targets.machine(target)
    }

    fn traits(&self, target: &TargetName) -> Traits {
        self.targets.traits(target)
    }

    fn targets(&self) -> Vec<TargetName> {
        self.targets.targets()
    }
}

impl LiveTargets for LiveServer {
    fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord> {
        self.engine.seen(recorded)
    }

    fn doing(&self, replica: &ReplicaId) -> Option<String> {
        let doing = |(_, target): (_, &Arc<dyn Target>)| target.observe(replica).ok()?.doing;
        self.targets.all().find_map(doing).map(|doing| doing.what)
    }

    fn usage(&self, replicas: &[ReplicaId]) -> Vec<(ReplicaId, Usage)> {
        self.targets.all().flat_map(|(_, target)| target.usage(replicas)).collect()
    }

    fn forget_package(&self, digest: &Digest) -> io::Result<()> {
        self.local.forget_package(digest)
    }

    fn first_load(&self, path: &Path, size: u64) -> Tried {
        self.local.first_load(path, size)
    }
}

impl Live for LiveServer {
    fn gateway_url(&self) -> String {
        self.gateway_url.clone()
    }

    fn ready(&self) -> bool {
        // The API is there only after replicas have been taken over and the engine runs.
        self.vital.is_whole() && !self.leaving.is_cancelled()
    }
}
