//! A real store and a real engine on a fake target and a fake gateway, with time that stands still
//! unless a test moves it on.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use changeover::commands::{self, Started};
use changeover::engine::clock::Clock;
use changeover::engine::routing::Routing;
use changeover::engine::{Engine, Parts};
use changeover::events::Events;
use changeover::gateway::{Demand, Route, RouteReplica};
use changeover::store::Store;
use changeover::store::tables::deployments::DeploymentRow;
use changeover::store::tables::rollouts::RolloutRow;
use changeover::targets::Target as _;
use changeover::targets::fake::FakeTarget;
use domain::event::{Counts, Entry, Receipt, ReplicaRecord};
use domain::id::{Actor, DeploymentId, ReplicaId, RevisionNumber, Seq};
use domain::rollout::RolloutEvent;
use domain::wire::{CreateDeployment, Rollback, StartRollout};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A gateway that remembers routes and has as many requests in flight as a test says.
pub struct FakeRouting {
    routes: Mutex<HashMap<DeploymentId, Vec<RouteReplica>>>,
    in_flight: Mutex<HashMap<ReplicaId, u32>>,
    demands: Mutex<HashMap<DeploymentId, Demand>>,
    /// Requests answered; one more at every look, once it is under load.
    answered: AtomicU64,
    drained: broadcast::Sender<DeploymentId>,
}

impl Default for FakeRouting {
    fn default() -> Self {
        Self {
            routes: Mutex::default(),
            in_flight: Mutex::default(),
            demands: Mutex::default(),
            answered: AtomicU64::new(0),
            drained: broadcast::channel(1024).0,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeRouting {
    /// Replicas that may be asked, with their revision.
    pub fn routed(&self, id: &DeploymentId) -> Vec<RouteReplica> {
        lock(&self.routes).get(id).cloned().unwrap_or_default()
    }

    /// Sets how many requests a replica is answering.
    pub fn busy(&self, id: &DeploymentId, replica: &ReplicaId, requests: u32) {
        lock(&self.in_flight).insert(replica.clone(), requests);
        if requests == 0 {
            let _ = self.drained.send(id.clone());
        }
    }

    /// Lets every look at the tally find one more request answered.
    pub fn under_load(&self) {
        self.answered.fetch_max(1, Ordering::Relaxed);
    }

    /// The tally at the last look.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Sets what is asked of a deployment, until it is set anew.
    pub fn asked(&self, id: &DeploymentId, demand: Demand) {
        lock(&self.demands).insert(id.clone(), demand);
    }
}

impl Routing for FakeRouting {
    fn publish(&self, id: &DeploymentId, route: Route) {
        lock(&self.routes).insert(id.clone(), route.replicas);
    }

    fn forget(&self, id: &DeploymentId) {
        lock(&self.routes).remove(id);
    }

    fn in_flight(&self, _: &DeploymentId, replica: &ReplicaId) -> u32 {
        lock(&self.in_flight).get(replica).copied().unwrap_or(0)
    }

    fn demand(&self, id: &DeploymentId) -> Demand {
        lock(&self.demands).get(id).copied().unwrap_or_default()
    }

    fn tally(&self, _: &DeploymentId) -> Receipt {
        if self.answered() == 0 {
            return Receipt::default();
        }
        let counts = Counts { answered: self.answered.fetch_add(1, Ordering::Relaxed) + 1, ..Counts::default() };
        Receipt { total: counts, by_revision: BTreeMap::from([(RevisionNumber(1), counts)]) }
    }

    fn clear_longest_drain(&self, _: &DeploymentId) {}

    fn drained(&self) -> broadcast::Receiver<DeploymentId> {
        self.drained.subscribe()
    }
}

/// The smallest move of time.
const TICK: Duration = Duration::from_millis(10);

/// Everything on one stage.
pub struct Stage {
    _folder: tempfile::TempDir,
    /// The store.
    pub store: Arc<Store>,
    /// The target.
    pub target: Arc<FakeTarget>,
    /// The gateway.
    pub routing: Arc<FakeRouting>,
    /// The clock.
    pub clock: Clock,
    actor: Actor,
    replicas: Arc<AtomicU32>,
    engine: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Stage {
    /// Opens the curtain at 2026-01-01, with an engine that runs. Needs a paused runtime.
    pub async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(folder.path(), Events::default())?);
        let clock = Clock::anchored("2026-01-01T00:00:00Z".parse()?);
        let target = Arc::new(FakeTarget::default());
        target.advance(clock.now());
        let mut stage = Self {
            _folder: folder,
            store,
            target,
            routing: Arc::default(),
            clock,
            actor: "ada".parse()?,
            replicas: Arc::default(),
            engine: None,
        };
        stage.start_engine().await?;
        Ok(stage)
    }

    /// Starts a new engine, as a server that has just been started does.
    pub async fn start_engine(&mut self) -> anyhow::Result<()> {
        let replicas = self.replicas.clone();
        let engine = Engine::new(Parts {
            store: self.store.clone(),
            target: self.target.clone(),
            routing: self.routing.clone(),
            clock: self.clock,
            actor: "changeover".parse()?,
            new_replica: Box::new(move || {
                let n = replicas.fetch_add(1, Ordering::Relaxed) + 1;
                format!("r{n}").parse().expect("a valid id")
            }),
            artifact_path: Box::new(|digest| digest.as_str().into()),
        });
        engine.adopt().await?;
        let end = CancellationToken::new();
        let task = tokio::spawn(engine.run(end.clone()));
        self.engine = Some((end, task));
        Ok(())
    }

    /// Ends the engine between two passes.
    pub async fn stop_engine(&mut self) -> anyhow::Result<()> {
        if let Some((end, task)) = self.engine.take() {
            end.cancel();
            task.await?;
        }
        Ok(())
    }

    /// The time on this stage.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn write<T>(
        &self,
        write: impl FnOnce(&mut changeover::store::Writing<'_>) -> Result<T, commands::Refusal>,
    ) -> anyhow::Result<T> {
        Ok(self.store.write(&self.actor, self.now(), write)?)
    }

    /// Registers the next version of `name`, with a made-up file.
    pub fn register(&self, name: &str) -> anyhow::Result<()> {
        let signature = json!({"inputs": [], "outputs": [], "classes": null, "opsets": {}, "ir_version": 8, "producer": "", "metadata": {}});
        let signature = serde_json::from_value(signature)?;
        let meta = serde_json::from_value(json!({"name": name}))?;
        let digest = "0".repeat(64).parse()?;
        self.write(|writing| commands::register_model(writing, meta, digest, 1, signature))?;
        Ok(())
    }

    /// Makes a deployment.
    pub fn deploy(&self, name: &str, configuration: Value, strategy: Value) -> anyhow::Result<()> {
        let request = json!({"name": name, "configuration": configuration, "strategy": strategy});
        let request: CreateDeployment = serde_json::from_value(request)?;
        let machine = self.target.machine();
        self.write(|writing| commands::create_deployment(writing, request, &machine))?;
        Ok(())
    }

    /// Starts a rollout.
    pub fn update(&self, name: &str, request: Value) -> anyhow::Result<Started> {
        let request: StartRollout = serde_json::from_value(request)?;
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::start_rollout(writing, &row, &request, &self.target.machine(), None)
        })
    }

    /// Starts a rollback.
    pub fn roll_back(&self, name: &str, request: Value) -> anyhow::Result<Started> {
        let request: Rollback = serde_json::from_value(request)?;
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::rollback(writing, &row, &request, &self.target.machine(), None)
        })
    }

    /// Pauses, resumes or cancels the newest rollout.
    pub fn move_rollout(&self, name: &str, event: RolloutEvent) -> anyhow::Result<()> {
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            let number = row.newest_rollout;
            commands::move_rollout(writing, &row, number, event, None)
        })
    }

    /// Takes a deployment's replicas away.
    ///
    /// # Errors
    /// It is refused.
    pub fn deactivate(&self, name: &str) -> anyhow::Result<()> {
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::deactivate(writing, &row, None, None)
        })
    }

    /// Brings them back.
    ///
    /// # Errors
    /// It is refused.
    pub fn activate(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::activate(writing, &row, &request, &self.target.machine(), None).map(drop)
        })
    }

    /// Replaces every replica by one like it.
    ///
    /// # Errors
    /// It is refused.
    pub fn relaunch(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::relaunch(writing, &row, &request, &self.target.machine(), None).map(drop)
        })
    }

    /// Changes what no rollout is needed for.
    ///
    /// # Errors
    /// It is refused.
    pub fn patch(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::patch_deployment(writing, &row, &request, None)
        })
    }

    /// Marks a revision as known to be bad, or takes that back.
    ///
    /// # Errors
    /// It is refused.
    pub fn quarantine(&self, name: &str, number: u32, bad: bool) -> anyhow::Result<()> {
        let number = domain::id::RevisionNumber(number);
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            match bad {
                true => commands::quarantine(writing, &row, number, "it answers nonsense", None),
                false => commands::lift_quarantine(writing, &row, number, "it was the data", None),
            }
        })
    }

    /// Asks for a deployment to be removed.
    pub fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.write(|writing| {
            let row = commands::find(&writing.reading(), name)?;
            commands::delete_deployment(writing, &row, None, None)
        })
    }

    /// A deployment's row.
    pub fn deployment(&self, name: &str) -> anyhow::Result<DeploymentRow> {
        let row = self.store.read(|reading| reading.deployment_called(name))?;
        row.with_context(|| format!("there is no deployment {name}"))
    }

    /// The newest rollout of a deployment.
    pub fn rollout(&self, name: &str) -> anyhow::Result<RolloutRow> {
        let row = self.deployment(name)?;
        let rollout = self.store.read(|reading| reading.rollout(&row.id, row.newest_rollout))?;
        rollout.context("there is no rollout")
    }

    /// A deployment's replicas.
    pub fn replicas(&self, name: &str) -> anyhow::Result<Vec<ReplicaRecord>> {
        let row = self.deployment(name)?;
        Ok(self.store.read(|reading| reading.replicas(&row.id))?)
    }

    /// What happened since.
    pub fn entries_after(&self, seq: Seq) -> anyhow::Result<Vec<Entry>> {
        let recorded = self.store.read(|reading| reading.entries_after(seq, 10_000))?;
        Ok(recorded.into_iter().map(|recorded| recorded.entry).collect())
    }

    /// Replicas of each revision that get requests.
    pub fn traffic(&self, name: &str) -> anyhow::Result<BTreeMap<u32, usize>> {
        let row = self.deployment(name)?;
        let mut shares = BTreeMap::new();
        for replica in self.routing.routed(&row.id) {
            *shares.entry(replica.revision.0).or_default() += 1;
        }
        Ok(shares)
    }

    /// Moves time on by the smallest step and lets everything that follows happen.
    pub async fn tick(&self) {
        tokio::time::sleep(TICK).await;
        self.target.advance(self.clock.now());
    }

    /// Moves time on.
    pub async fn pass_time(&self, duration: Duration) {
        let end = tokio::time::Instant::now() + duration;
        while tokio::time::Instant::now() < end {
            self.tick().await;
        }
    }

    /// Moves time on until `done`, for at most an hour.
    pub async fn until(&self, what: &str, done: impl Fn(&Self) -> anyhow::Result<bool>) -> anyhow::Result<()> {
        let end = tokio::time::Instant::now() + Duration::from_secs(3_600);
        while !done(self)? {
            if tokio::time::Instant::now() > end {
                bail!("an hour passed without {what}");
            }
            self.tick().await;
        }
        // What was decided in the last pass is carried out too.
        self.pass_time(TICK * 5).await;
        Ok(())
    }

    /// Moves time on until no rollout of the deployment is in progress.
    pub async fn until_over(&self, name: &str) -> anyhow::Result<()> {
        self.until("the rollout's end", |stage| Ok(stage.deployment(name)?.rollout.is_none())).await
    }
}
