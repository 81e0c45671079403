//! The engine's loop: who asked for a pass, when the next one over a deployment is due, and which run now.

use std::collections::HashMap;
use std::sync::Arc;

use domain::event::Event;
use domain::id::DeploymentId;
use domain::rollout::RolloutEvent;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::autoscaler::Sampled;
use super::core::Core;
use super::next_pass::NextPass;
use super::queue::Queue;
use super::slots::{Slot, Slots};
use super::{Engine, EngineError, retry};

/// Works on a deployment once there is a slot; none when the engine ends before.
async fn in_slot<R: Send + 'static>(
    slots: Slots,
    core: Arc<Core>,
    id: DeploymentId,
    work: fn(&Core, &DeploymentId, Slot) -> Result<R, EngineError>,
) -> Option<(DeploymentId, Result<R, EngineError>)> {
    let touched = id.clone();
    // A defect met with one deployment must not stop the others, nor this one for good.
    let outcome = slots.work(move |slot| work(&core, &touched, slot)).await?;
    Some((id, outcome.unwrap_or(Err(EngineError::Panicked))))
}

/// True for an event after which nobody wants the `user_config` that a pass waits for a replica to take.
fn ends_a_delivery(event: &Event) -> bool {
    match event {
        Event::DeleteRequested { .. } | Event::Deactivated { .. } | Event::RolloutStarted { .. } => true,
        Event::RolloutMoved { event, .. } => *event == RolloutEvent::Cancel,
        _ => false,
    }
}

impl Engine {
    /// Works until it is told to end. Passes that are under way are finished.
    pub async fn run(self, end: CancellationToken) {
        let mut committed = self.0.store.events().subscribe();
        let mut seen = self.0.targets.changes();
        let mut drained = self.0.routing.drained();
        let mut queue = Queue::new();
        let mut samples = Queue::new();
        let mut asides = Queue::new();
        let mut looks: JoinSet<Option<(DeploymentId, Result<(), EngineError>)>> = JoinSet::new();
        let mut passes: JoinSet<Option<(DeploymentId, Result<NextPass, EngineError>)>> = JoinSet::new();
        let (pass_slots, look_slots) = (Slots::of_passes(), Slots::of_looks());
        let mut failures: HashMap<DeploymentId, u32> = HashMap::new();
        self.ask_for_all(&mut queue);
        let mut skipped = SignedDuration::ZERO;
        loop {
            let asked = tokio::select! {
                biased;
                () = end.cancelled() => break,
                Some(Ok(Some((id, next)))) = passes.join_next() => {
                    // One that failed comes again by itself, and not before its pause is over.
                    if next.is_ok() && let Some(at) = self.0.autoscaler.due(&id) {
                        samples.ask(id.clone(), self.instant(at));
                    }
                    let due = self.due(&id, next, &mut failures);
                    queue.done(id, due);
                    continue;
                }
                event = committed.recv() => event.map(|recorded| {
                    let deployment = recorded.entry.deployment.clone();
                    if let Some(id) = deployment.as_ref().filter(|_| ends_a_delivery(&recorded.entry.event)) {
                        // Nobody listens while no replica is told.
                        let _ = self.0.broken_off.send(id.clone());
                    }
                    deployment
                }),
                id = seen.next() => {
                    // A pass that is under way may wait for the disk, or for another program that locks the database.
                    if let Ok(id) = &id && queue.is_running(id) {
                        asides.ask(id.clone(), Instant::now());
                    }
                    id.map(Some)
                }
                id = drained.recv() => id.map(Some),
                () = self.0.clock.skipped_beyond(skipped) => {
                    // What was to be looked at at some time is late.
                    skipped = self.0.clock.read().skipped;
                    self.ask_for_all(&mut queue);
                    continue;
                }
                Some(Ok(Some((id, seen)))) = looks.join_next() => {
                    if let Err(error) = seen {
                        tracing::warn!(deployment = %id, %error, "the route could not be updated with what was last seen of the replicas");
                    }
                    asides.done(id, None);
                    continue;
                }
                id = asides.next() => {
                    // Routes by what is seen now, whatever a pass waits for. Where that fails, the pass looks again.
                    looks.spawn(in_slot(look_slots.clone(), self.0.clone(), id, |core, id, _| core.see(id)));
                    continue;
                }
                id = samples.next() => {
                    match self.0.sample(&id, self.0.clock.now()) {
                        Sampled::Over => samples.done(id, None),
                        Sampled::At(at) => samples.done(id, Some(self.instant(at))),
                        Sampled::Pass => {
                            queue.ask(id.clone(), Instant::now());
                            samples.done(id, None);
                        }
                    }
                    continue;
                }
                id = queue.next() => {
                    passes.spawn(in_slot(pass_slots.clone(), self.0.clone(), id, Core::pass));
                    continue;
                }
            };
            match asked {
                Ok(Some(id)) => queue.ask(id, Instant::now()),
                Ok(None) => {}
                Err(RecvError::Lagged(_)) => self.ask_for_all(&mut queue),
                Err(RecvError::Closed) => break,
            }
        }
        pass_slots.close();
        while passes.join_next().await.is_some() {}
    }

    fn ask_for_all(&self, queue: &mut Queue<DeploymentId>) {
        match self.0.store.read(|reading| reading.readable_deployments()) {
            Ok(deployments) => {
                for deployment in deployments {
                    queue.ask(deployment.id, Instant::now());
                }
            }
            Err(error) => tracing::error!(%error, "the deployments cannot be read"),
        }
    }

    /// The instant of a time of day; now for one that is past.
    fn instant(&self, at: Timestamp) -> Instant {
        Instant::now() + at.duration_since(self.0.clock.now()).try_into().unwrap_or_default()
    }

    /// When a deployment is to be looked at again.
    fn due(
        &self,
        id: &DeploymentId,
        next: Result<NextPass, EngineError>,
        failures: &mut HashMap<DeploymentId, u32>,
    ) -> Option<Instant> {
        match next {
            Ok(next) => {
                failures.remove(id);
                match next {
                    NextPass::Now => Some(Instant::now()),
                    NextPass::At(at) => Some(self.instant(at)),
                    NextPass::WhenSomethingChanges => None,
                }
            }
            Err(error) => {
                let count = failures.entry(id.clone()).and_modify(|n| *n += 1).or_insert(1);
                let pause = retry::pause(*count);
                tracing::warn!(deployment = %id, %error, ?pause, "a pass failed and is tried again");
                Some(Instant::now() + pause)
            }
        }
    }
}
