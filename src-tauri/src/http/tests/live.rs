//! What runs beside the API, made up.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use domain::id::{DeploymentId, Digest, ReplicaId, RevisionNumber, RolloutNumber, TargetName};
use domain::metrics::DurationCounts;
use domain::model::Tried;
use domain::replica::ReplicaRecord;
use domain::resources::{Machine, Usage};
use domain::target::Traits;
use domain::wire::{Counts, MetricsPoint, MetricsView, Receipt, Traffic};
use futures_util::future::BoxFuture;

use crate::api::{GatewayAnswer, GatewayCall, Live, LivePredictions, LiveRequests, LiveTargets, RecordKind};
use crate::commands::Machines;

/// The live state beside the API, made up.
#[derive(Default)]
pub(super) struct FakeLive {
    pub(super) logs: Mutex<HashMap<ReplicaId, Vec<String>>>,
    pub(super) records: Mutex<Vec<(RecordKind, String)>>,
    pub(super) not_ready: std::sync::atomic::AtomicBool,
    /// By default one that has everything.
    pub(super) machine: Mutex<Option<Machine>>,
    /// Further targets than the default one.
    pub(super) others: Mutex<Vec<(TargetName, Traits)>>,
    pub(super) doing: Mutex<Option<String>>,
    pub(super) forgotten: Mutex<Vec<Digest>>,
    pub(super) no_metrics: Mutex<bool>,
    /// Requests a second beyond those that each deployment has.
    pub(super) busier: std::sync::atomic::AtomicU32,
    /// The outcome of loading a file; by default that works.
    pub(super) loads: Mutex<Option<Tried>>,
    /// What the gateway was asked.
    pub(super) calls: Mutex<Vec<GatewayCall>>,
    /// Its answer; none for one that never comes.
    pub(super) answer: Mutex<Option<Result<GatewayAnswer, String>>>,
}

fn counted() -> Receipt {
    let counts = Counts { answered: 10, failed: 1, ..Counts::default() };
    Receipt {
        total: Counts { answered: 10, failed: 3, ..Counts::default() },
        by_revision: [(RevisionNumber(1), counts)].into(),
    }
}

impl LiveRequests for FakeLive {
    fn traffic(&self, _: &DeploymentId) -> Traffic {
        let busier = self.busier.load(std::sync::atomic::Ordering::Relaxed);
        Traffic { requests_per_second: 2.5 + f64::from(busier), ..Traffic::default() }
    }
    fn metrics(&self, _: &DeploymentId, window: u32, by_revision: bool) -> io::Result<MetricsView> {
        if *self.no_metrics.lock().unwrap() {
            return Err(io::Error::other("metrics.db is damaged"));
        }
        let revision = by_revision.then_some(RevisionNumber(1));
        let point = MetricsPoint { at: 1, revision, requests: window.into(), ..MetricsPoint::default() };
        Ok(MetricsView { step: 1, items: vec![point], ..MetricsView::default() })
    }
    fn durations(&self, _: &DeploymentId) -> Vec<(Option<RevisionNumber>, DurationCounts)> {
        let counts = DurationCounts { counts: [4, 0, 3, 0, 0, 0, 0, 0, 0, 4], micros: 61_500_000 };
        vec![(Some(RevisionNumber(1)), counts)]
    }
    fn in_flight(&self, _: &DeploymentId, _: &ReplicaId) -> u32 {
        3
    }
    fn receipt(&self, _: &DeploymentId, _: RolloutNumber, recorded: &Receipt) -> Receipt {
        recorded.plus(&counted())
    }
    fn counts(&self, _: &DeploymentId) -> Receipt {
        counted()
    }
}

impl LivePredictions for FakeLive {
    fn predict(&self, call: GatewayCall) -> BoxFuture<'static, Result<GatewayAnswer, String>> {
        self.calls.lock().unwrap().push(call);
        match self.answer.lock().unwrap().clone() {
            Some(answer) => Box::pin(std::future::ready(answer)),
            None => Box::pin(std::future::pending()),
        }
    }
}

impl Machines for FakeLive {
    fn targets(&self) -> Vec<TargetName> {
        let others = self.others.lock().unwrap();
        [TargetName::default()].into_iter().chain(others.iter().map(|(name, _)| name.clone())).collect()
    }

    fn traits(&self, target: &TargetName) -> Traits {
        let others = self.others.lock().unwrap();
        others.iter().find(|(name, _)| name == target).map_or(Traits::LOCAL, |(_, traits)| *traits)
    }

    fn machine(&self, _: &TargetName) -> Machine {
        self.machine.lock().unwrap().unwrap_or(Machine::ENDLESS)
    }
}

impl LiveTargets for FakeLive {
    fn seen(&self, recorded: Vec<ReplicaRecord>) -> Vec<ReplicaRecord> {
        recorded
    }
    fn doing(&self, _: &ReplicaId) -> Option<String> {
        self.doing.lock().unwrap().clone()
    }
    fn usage(&self, replicas: &[ReplicaId]) -> Vec<(ReplicaId, Usage)> {
        replicas.iter().map(|id| (id.clone(), Usage { cpu_milli: Some(250), memory_bytes: 420_000_000 })).collect()
    }
    fn forget_package(&self, digest: &Digest) -> io::Result<()> {
        self.forgotten.lock().unwrap().push(digest.clone());
        Ok(())
    }
    fn first_load(&self, path: &Path, _: u64) -> Tried {
        assert!(path.is_file(), "{} is to be loaded", path.display());
        self.loads.lock().unwrap().clone().unwrap_or(Tried::Worked)
    }
}

impl Live for FakeLive {
    fn gateway_url(&self) -> String {
        "http://127.0.0.1:7080".to_owned()
    }
    fn ready(&self) -> bool {
        !self.not_ready.load(std::sync::atomic::Ordering::Relaxed)
    }
}
