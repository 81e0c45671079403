//! A target that a test tells what happens: no processes, no time of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::event::ReplicaRecord;
use domain::id::{DeploymentId, Generation, ReplicaId};
use domain::observed::Observed;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;

use super::{Launch, Seen, Target, TargetError};

/// How replicas of a model behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Ready after so long.
    Ready(SignedDuration),
    /// Runs and never becomes ready.
    NeverReady,
    /// Ends by itself after so long.
    Crashes(SignedDuration),
    /// Cannot be started at all.
    CannotStart,
}

struct Fake {
    launch: Launch,
    started: Timestamp,
    seen: Seen,
}

#[derive(Default)]
struct State {
    now: Option<Timestamp>,
    replicas: BTreeMap<ReplicaId, Fake>,
    behaviours: HashMap<String, Behaviour>,
    newest: HashMap<DeploymentId, Generation>,
    log: Vec<String>,
}

/// The target. A test moves its time on and reads what was asked of it.
pub struct FakeTarget {
    state: Mutex<State>,
    changes: broadcast::Sender<DeploymentId>,
}

impl Default for FakeTarget {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: broadcast::channel(1024).0 }
    }
}

impl FakeTarget {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how replicas of a model version, written `iris@2`, behave from now on. By default they are ready at once.
    pub fn behave(&self, model: &str, behaviour: Behaviour) {
        self.state().behaviours.insert(model.to_owned(), behaviour);
    }

    /// Moves time on; what is due by then happens, and is announced.
    pub fn advance(&self, now: Timestamp) {
        let mut state = self.state();
        state.now = Some(now);
        let State { replicas, behaviours, .. } = &mut *state;
        let mut changed = Vec::new();
        for fake in replicas.values_mut() {
            let before = fake.seen.observed;
            step(fake, behaviours, now);
            if fake.seen.observed != before {
                changed.push(fake.launch.deployment.clone());
            }
        }
        drop(state);
        for deployment in changed {
            let _ = self.changes.send(deployment);
        }
    }

    /// When something happens next.
    pub fn next_change(&self) -> Option<Timestamp> {
        let state = self.state();
        let due = |fake: &Fake| match (fake.seen.observed, behaviour(fake, &state.behaviours)) {
            (Observed::Starting { .. }, Behaviour::Ready(after)) => Some(fake.started + after),
            (Observed::Starting { .. }, Behaviour::Crashes(after)) => Some(fake.started + after),
            _ => None,
        };
        state.replicas.values().filter_map(due).min()
    }

    /// Ends a replica's process, as a crash would.
    pub fn crash(&self, replica: &ReplicaId) {
        self.set(replica, |now| Observed::Exited { at: now });
    }

    /// Lets a replica fail its health route.
    pub fn sicken(&self, replica: &ReplicaId) {
        self.set(replica, |now| Observed::Unready { since: now });
    }

    fn set(&self, replica: &ReplicaId, observed: impl FnOnce(Timestamp) -> Observed) {
        let mut state = self.state();
        let now = state.now.unwrap_or(Timestamp::UNIX_EPOCH);
        let Some(fake) = state.replicas.get_mut(replica) else { return };
        fake.seen.observed = observed(now);
        let deployment = fake.launch.deployment.clone();
        drop(state);
        let _ = self.changes.send(deployment);
    }

    /// The replicas whose process runs.
    pub fn running(&self) -> Vec<ReplicaId> {
        let state = self.state();
        state.replicas.iter().filter(|(_, fake)| fake.seen.observed.may_exist()).map(|(id, _)| id.clone()).collect()
    }

    /// What was asked of it since the last call, a line each.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }
}

fn behaviour(fake: &Fake, behaviours: &HashMap<String, Behaviour>) -> Behaviour {
    let model = fake.launch.configuration.models.first().map(ToString::to_string).unwrap_or_default();
    behaviours.get(&model).copied().unwrap_or(Behaviour::Ready(SignedDuration::ZERO))
}

fn step(fake: &mut Fake, behaviours: &HashMap<String, Behaviour>, now: Timestamp) {
    if !matches!(fake.seen.observed, Observed::Starting { .. }) {
        return;
    }
    match behaviour(fake, behaviours) {
        Behaviour::Ready(after) if now >= fake.started + after => fake.seen.observed = Observed::Ready { since: now },
        Behaviour::Crashes(after) if now >= fake.started + after => {
            fake.seen.observed = Observed::Exited { at: now };
            fake.seen.problem = Some("it crashed".to_owned());
        }
        _ => {}
    }
}

impl Target for FakeTarget {
    fn observe(&self, replica: &ReplicaId) -> Seen {
        self.state().replicas.get(replica).map_or_else(Seen::absent, |fake| fake.seen.clone())
    }

    fn start(&self, launch: &Launch) -> Result<Seen, TargetError> {
        let mut state = self.state();
        let now = state.now.unwrap_or(Timestamp::UNIX_EPOCH);
        let newest = state.newest.entry(launch.deployment.clone()).or_insert(launch.generation);
        if *newest > launch.generation {
            return Err(TargetError::Outdated { given: launch.generation, known: *newest });
        }
        *newest = launch.generation;
        let model = launch.configuration.models.first().map(ToString::to_string).unwrap_or_default();
        state.log.push(format!("start {} {model}", launch.replica));
        let seen = Seen { observed: Observed::Starting { since: now }, ..Seen::absent() };
        let mut fake = Fake { launch: launch.clone(), started: now, seen };
        if behaviour(&fake, &state.behaviours) == Behaviour::CannotStart {
            return Err(TargetError::Spawn(std::io::Error::other("no such program")));
        }
        step(&mut fake, &state.behaviours, now);
        let seen = fake.seen.clone();
        state.replicas.insert(launch.replica.clone(), fake);
        Ok(seen)
    }

    fn stop(&self, replica: &ReplicaId) {
        self.state().log.push(format!("stop {replica}"));
        self.set(replica, |_| Observed::Absent);
    }

    fn forget(&self, replica: &ReplicaId) {
        self.state().replicas.remove(replica);
    }

    async fn adopt(&self, known: &[(Launch, ReplicaRecord)]) -> Result<(), TargetError> {
        let mut state = self.state();
        let strays: Vec<_> = state
            .replicas
            .keys()
            .filter(|id| known.iter().all(|(launch, _)| launch.replica != **id))
            .cloned()
            .collect();
        for stray in strays {
            state.log.push(format!("stray {stray}"));
            state.replicas.remove(&stray);
        }
        Ok(())
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        self.changes.subscribe()
    }
}
