//! A real store and a real engine on a fake target and a fake gateway, with time that stands still
//! unless a test moves it on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, bail};
use changeover::clock::Clock;
use changeover::engine::{Engine, Parts};
use changeover::events::Events;
use changeover::store::Store;
use changeover::targets::fake::FakeTarget;
use changeover::targets::{Target, Targets};
use domain::configuration::Configuration;
use domain::event::Entry;
use domain::id::{RevisionNumber, Seq, TargetName};
use domain::ledger::{Deployment, Rollout};
use domain::replica::ReplicaRecord;
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::operator::Operator;
use crate::routing::{FakeRouting, lock};

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
    /// The person who asks.
    pub operator: Operator,
    replicas: Arc<AtomicU32>,
    engine: Option<(CancellationToken, JoinHandle<()>)>,
    check: Option<Check>,
    violation: Mutex<Option<anyhow::Error>>,
}

/// A rule that must hold at every tick.
type Check = Box<dyn Fn(&Stage) -> anyhow::Result<()>>;

impl Stage {
    /// Opens the curtain at 2026-01-01, with an engine that runs. Time stands still where the runtime is paused.
    pub async fn open() -> anyhow::Result<Self> {
        // Nothing here has to outlive a power cut, so that memory is disk enough.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
        let store = Arc::new(Store::open(folder.path(), Events::default())?);
        let clock = Clock::anchored("2026-01-01T00:00:00Z".parse()?);
        let target = Arc::new(FakeTarget::default());
        target.advance(clock.now());
        let operator = Operator::new("ada".parse()?, store.clone(), target.clone(), clock.clone());
        let mut stage = Self {
            _folder: folder,
            store,
            target,
            routing: Arc::default(),
            clock,
            operator,
            replicas: Arc::default(),
            engine: None,
            check: None,
            violation: Mutex::default(),
        };
        stage.start_engine().await?;
        Ok(stage)
    }

    /// The target under the name that deployments give it.
    pub fn targets(&self) -> Arc<Targets> {
        Arc::new(Targets::new([(TargetName::default(), self.target.clone() as Arc<dyn Target>)]))
    }

    /// Starts a new engine, as a server that has just been started does.
    pub async fn start_engine(&mut self) -> anyhow::Result<()> {
        let replicas = self.replicas.clone();
        let engine = Engine::new(Parts {
            store: self.store.clone(),
            targets: self.targets(),
            routing: self.routing.clone(),
            clock: self.clock.clone(),
            actor: "changeover".parse()?,
            new_replica: Box::new(move || {
                let n = replicas.fetch_add(1, Ordering::Relaxed) + 1;
                format!("r{n}").parse().expect("a valid id")
            }),
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

    /// Starts a new engine after the one there was has been killed.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.stop_engine().await?;
        self.target.revive();
        self.start_engine().await
    }

    /// Checks this at every tick from now on.
    pub fn check_at_every_tick(&mut self, check: impl Fn(&Self) -> anyhow::Result<()> + 'static) {
        self.check = Some(Box::new(check));
    }

    /// Checks that every rule has held.
    ///
    /// # Errors
    /// The first rule that did not hold.
    pub fn violation(&self) -> anyhow::Result<()> {
        lock(&self.violation).take().map_or(Ok(()), Err)
    }

    /// The time on this stage.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A deployment's row.
    pub fn deployment(&self, name: &str) -> anyhow::Result<Deployment> {
        let row = self.store.read(|reading| reading.deployment_called(name))?;
        row.with_context(|| format!("there is no deployment {name}"))
    }

    /// The configuration of a revision.
    pub fn configuration(&self, name: &str, revision: RevisionNumber) -> anyhow::Result<Configuration> {
        let row = self.deployment(name)?;
        let revision =
            self.store.read(|reading| reading.revision(&row.id, revision))?.context("there is no revision")?;
        let found = self.store.read(|reading| reading.configuration(&revision.configuration))?;
        Ok(found.context("there is no configuration")?.configuration)
    }

    /// The newest rollout of a deployment.
    pub fn rollout(&self, name: &str) -> anyhow::Result<Rollout> {
        let row = self.deployment(name)?;
        let rollout = self.store.read(|reading| reading.rollout(&row.id, row.newest_rollout))?;
        rollout.context("there is no rollout")
    }

    /// A deployment's replicas.
    pub fn replicas(&self, name: &str) -> anyhow::Result<Vec<ReplicaRecord>> {
        let row = self.deployment(name)?;
        Ok(self.store.read(|reading| reading.replicas(&row.id))?)
    }

    /// The entries after this one.
    pub fn entries_after(&self, seq: Seq) -> anyhow::Result<Vec<Entry>> {
        let written = self.store.read(|reading| reading.entries_after(seq, 10_000))?;
        written.iter().map(|written| Ok(written.read()?.entry)).collect()
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
        let before = self.routing.publications();
        tokio::time::sleep(TICK).await;
        self.target.advance(self.clock.now());
        self.routing.cut_all_but(&self.target.running());
        // Every pass publishes; where there was none, nothing is new.
        if before == self.routing.publications() {
            return;
        }
        let Some(check) = &self.check else { return };
        if let Err(error) = check(self) {
            lock(&self.violation).get_or_insert(error);
        }
    }

    /// Moves time on.
    pub async fn pass_time(&self, duration: Duration) {
        let end = tokio::time::Instant::now() + duration;
        while tokio::time::Instant::now() < end {
            self.tick().await;
        }
    }

    /// The machine sleeps: no time passes for whoever waits, and the clock is put forward.
    pub async fn sleep(&self, duration: Duration) -> anyhow::Result<()> {
        self.clock.skip(duration.try_into()?);
        self.pass_time(TICK).await;
        Ok(())
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
