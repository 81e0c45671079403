//! A sighting of a replica while a step is taken with it counts for nothing once the step has come to something else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use changeover::engine::{Engine, Parts};
use changeover::targets::fake::{Behaviour, FakeTarget};
use changeover::targets::{KnownReplica, Order, Output, Target, TargetError, Targets, Unseen};
use domain::event::Event;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber, TargetName};
use domain::replica::{ReplicaRecord, Seen};
use domain::rollout::Phase;
use domain::target::{Room, Traits};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use serde_json::json;
use tests::routing::FakeRouting;
use tests::stage::Stage;
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// A target whose replicas change, and are looked at, while one is started or given a `user_config`.
struct Busy {
    inner: Arc<FakeTarget>,
    routing: Arc<FakeRouting>,
    changes: broadcast::Sender<DeploymentId>,
    clock: changeover::clock::Clock,
    /// Told of each replica that is slow to take a `user_config`.
    slow: mpsc::UnboundedSender<ReplicaId>,
    /// Closed when the slow ones have taken it.
    taken: Arc<Semaphore>,
}

impl Busy {
    /// Does something that is announced, and waits until somebody has looked and routed.
    fn seen(&self, change: impl Fn()) {
        let before = self.routing.publications();
        change();
        while self.routing.publications() == before {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Target for Busy {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn room(&self) -> Room {
        self.inner.room()
    }

    fn look(&self, replicas: &[ReplicaId]) -> Result<Vec<Seen>, Unseen> {
        self.inner.look(replicas)
    }

    fn act(&self, order: Order) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async move {
            match &order {
                Order::Start(launch) => self.seen(|| drop(self.changes.send(launch.deployment.clone()))),
                Order::Reconfigure(launch) if launch.configuration.user_config.get("slow").is_some() => {
                    drop(self.slow.send(launch.replica.clone()));
                    drop(self.taken.acquire().await);
                }
                Order::Reconfigure(launch) => {
                    self.seen(|| self.inner.sicken(&launch.replica));
                    self.seen(|| self.inner.advance(self.clock.now()));
                }
                _ => {}
            }
            self.inner.act(order).await
        })
    }

    fn adopt(&self, known: Vec<KnownReplica>) -> BoxFuture<'_, Result<(), TargetError>> {
        self.inner.adopt(known)
    }

    fn peak_memory(&self, replica: &ReplicaId) -> BoxFuture<'_, Option<u64>> {
        self.inner.peak_memory(replica)
    }

    fn output(&self) -> &dyn Output {
        self.inner.output()
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        self.changes.subscribe()
    }
}

/// A stage whose engine works on such a target.
async fn stage() -> anyhow::Result<Stage> {
    Ok(stage_with_slow().await?.0)
}

/// The same stage; the replicas that are slow to take a `user_config`, and the semaphore that is closed when they have
/// taken it.
async fn stage_with_slow() -> anyhow::Result<(Stage, mpsc::UnboundedReceiver<ReplicaId>, Arc<Semaphore>)> {
    let mut stage = Stage::open().await?;
    stage.stop_engine().await?;
    let (changes, mut inner) = (broadcast::channel(1024).0, stage.target.changes());
    let (target, routing, clock) = (stage.target.clone(), stage.routing.clone(), stage.clock.clone());
    let announced = changes.clone();
    let ((slow, are_slow), taken) = (mpsc::unbounded_channel(), Arc::new(Semaphore::new(0)));
    let replicas = AtomicU32::new(1);
    tokio::spawn(async move {
        while let Ok(id) = inner.recv().await {
            drop(announced.send(id));
        }
    });
    let busy: Arc<dyn Target> = Arc::new(Busy {
        inner: target,
        routing: routing.clone(),
        changes,
        clock: clock.clone(),
        slow,
        taken: taken.clone(),
    });
    let engine = Engine::new(Parts {
        store: stage.store.clone(),
        targets: Arc::new(Targets::new([(TargetName::default(), busy)])),
        routing,
        clock,
        actor: "changeover".parse()?,
        new_replica: Box::new(move || {
            format!("r{}", replicas.fetch_add(1, Ordering::Relaxed)).parse().expect("a valid id")
        }),
    });
    engine.adopt().await?;
    tokio::spawn(engine.run(CancellationToken::new()));
    stage.operator.register("iris")?;
    Ok((stage, are_slow, taken))
}

fn only(stage: &Stage) -> anyhow::Result<ReplicaRecord> {
    stage.replicas("iris")?.pop().context("no replica")
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_is_looked_at_before_its_process_is_there_has_not_failed() -> anyhow::Result<()> {
    let stage = stage().await?;
    stage.target.behave("iris@1", Behaviour::NeverReady);
    stage.operator.deploy("iris", json!({"models": ["iris@1"]}), json!({}))?;
    stage.pass_time(Duration::from_secs(1)).await;
    let replica = only(&stage)?;
    ensure!((replica.failures, replica.start_failures, replica.restarts) == (0, 0, 0), "{replica:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_comes_and_goes_while_it_takes_a_user_config_has_it_and_is_not_asked_again() -> anyhow::Result<()>
{
    let stage = stage().await?;
    stage.target.behave("iris@1", Behaviour::Flaps(SignedDuration::from_hours(1)));
    stage.operator.deploy("iris", json!({"models": ["iris@1"]}), json!({}))?;
    stage.until_over("iris").await?;
    stage.target.take_log();
    stage.operator.update("iris", json!({"set": {"user_config": {"threshold": 0.3}}}))?;
    stage.until_over("iris").await?;
    let (replica, log) = (only(&stage)?, stage.target.take_log());
    ensure!(replica.revision == RevisionNumber(2) && replica.delivery.is_none(), "{replica:?}");
    ensure!(log.len() == 1, "{log:?}");
    Ok(())
}

/// More of them than passes work at a time.
const SLOW: usize = 12;

#[tokio::test]
async fn replicas_that_are_slow_to_take_a_user_config_keep_no_other_deployment_from_its_turn() -> anyhow::Result<()> {
    let (stage, mut are_slow, taken) = stage_with_slow().await?;
    let mut committed = stage.store.events().subscribe();
    let slow: Vec<_> = (0..SLOW).map(|n| format!("slow-{n}")).collect();
    for name in &slow {
        stage.operator.deploy(name, json!({"models": ["iris@1"]}), json!({}))?;
    }
    let mut completed = async |number: usize| {
        let mut left = number;
        while left > 0 {
            let recorded = committed.recv().await?;
            left -= usize::from(matches!(recorded.entry.event, Event::RolloutMoved { phase: Phase::Completed, .. }));
        }
        anyhow::Ok(())
    };
    let all = async {
        completed(SLOW).await?;
        for name in &slow {
            stage.operator.update(name, json!({"set": {"user_config": {"slow": 1}}}))?;
        }
        for _ in &slow {
            are_slow.recv().await.context("the engine has ended")?;
        }
        stage.operator.deploy("iris", json!({"models": ["iris@1"]}), json!({}))?;
        completed(1).await?;
        taken.close();
        completed(SLOW).await
    };
    let outcome = tokio::time::timeout(Duration::from_secs(300), all).await;
    // Also where it failed: the runtime ends when no thread is blocked any more.
    taken.close();
    outcome.context("somebody still waits for a slow replica")?
}
