//! A target that a test tells what happens: no processes, no time of its own.

mod behaviour;
mod cut;
mod state;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::{DeploymentId, ModelRef, ReplicaId};
use domain::replica::{Doing, Observed, Seen};
use domain::resources::Machine;
use domain::target::{Room, Traits};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;

use super::{KnownReplica, NoOutput, Order, Output, Target, TargetError, Unseen};
pub use behaviour::Behaviour;
use behaviour::step;
pub use cut::KillPoint;
use state::State;

/// The payload with which a killed server's calls unwind.
struct Killed;

/// The fake target. A test moves its time on and reads the orders that it got.
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
    /// The resources that the machine has from now on.
    pub fn set_machine(&self, machine: Machine) {
        self.state().machine = machine;
    }

    /// Lets the target be of another kind from now on. Where it schedules by itself, `places` replicas run at a time.
    pub fn become_kind(&self, traits: Traits, places: usize) {
        let mut state = self.state();
        (state.traits, state.places) = (traits, places);
    }

    /// Says from now on that the target cannot be seen, with the reason, or that it can again; announces the change.
    pub fn set_unseen(&self, why: Option<&str>) {
        let mut state = self.state();
        state.unseen = why.map(str::to_owned);
        let touched: BTreeSet<_> = state.replicas.values().map(|fake| fake.launch.deployment.clone()).collect();
        drop(state);
        for deployment in touched {
            let _ = self.changes.send(deployment);
        }
    }

    /// Lets the next `count` orders fail.
    pub fn fail_orders(&self, count: u32) {
        self.state().failing = count;
    }

    /// Lets orders get no answer and be carried out after so long, or be answered again.
    pub fn answer_late(&self, late: Option<SignedDuration>) {
        self.state().late = late;
    }

    /// Ends a replica to give its place to another one.
    pub fn preempt(&self, replica: &ReplicaId) {
        if let Some(fake) = self.state().replicas.get_mut(replica) {
            fake.seen.problem = Some("it was preempted".to_owned());
        }
        self.crash(replica);
    }

    /// The model that a replica's process serves.
    pub fn model(&self, replica: &ReplicaId) -> Option<ModelRef> {
        self.state().replicas.get(replica)?.launch.configuration.models.first().cloned()
    }

    /// True once a replica's process has been ready.
    pub fn has_been_ready(&self, replica: &ReplicaId) -> bool {
        self.state().replicas.get(replica).is_some_and(|fake| !matches!(fake.seen.observed, Observed::Starting { .. }))
    }

    /// The `user_config` that a replica's process has.
    pub fn user_config(&self, replica: &ReplicaId) -> Option<serde_json::Value> {
        self.state().replicas.get(replica).map(|fake| fake.launch.configuration.user_config.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the server that uses this target be killed at `cut`.
    pub fn cut(&self, cut: KillPoint) {
        let mut state = self.state();
        (state.cut, state.calls) = (Some(cut), 0);
    }

    /// True once the server has been killed.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// True when the server was killed during a call that only looks: before and after such a call are the same moment.
    pub fn was_looking(&self) -> bool {
        self.state().looked
    }

    /// Serves the next server. Processes run on.
    pub fn revive(&self) {
        let mut state = self.state();
        (state.cut, state.dead) = (None, false);
    }

    /// Counts a call. A killed server's calls do not return, without the noise of a panic.
    fn called<R>(&self, effect: impl FnOnce(&mut State) -> R) -> R {
        self.counted(false, effect)
    }

    fn counted<R>(&self, looks: bool, effect: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state();
        state.calls += 1;
        if !state.dead {
            state.looked = looks;
        }
        let cut = state.cut.filter(|cut| cut.call == state.calls);
        if state.dead || cut.is_some_and(|cut| !cut.after) {
            state.dead = true;
            drop(state);
            std::panic::resume_unwind(Box::new(Killed));
        }
        let answer = effect(&mut state);
        if cut.is_some() {
            state.dead = true;
            drop(state);
            std::panic::resume_unwind(Box::new(Killed));
        }
        answer
    }

    /// Says how replicas of a model version, written `iris@2`, behave from now on. By default they are ready at once.
    pub fn behave(&self, model: &str, behaviour: Behaviour) {
        self.state().behaviours.insert(model.to_owned(), behaviour);
    }

    /// Moves time on; what is due by then happens, and is announced.
    pub fn advance(&self, now: Timestamp) {
        let mut state = self.state();
        state.now = Some(now);
        let mut changed = state.carry_out(now);
        state.schedule(now);
        let State { replicas, behaviours, .. } = &mut *state;
        for fake in replicas.values_mut() {
            let before = fake.seen.observed;
            step(fake, behaviours, now);
            if fake.seen.observed != before {
                changed.push(fake.launch.deployment.clone());
            }
        }
        // Nobody hears of a target that cannot be seen.
        let hears = state.unseen.is_none();
        drop(state);
        for deployment in changed.into_iter().filter(|_| hears) {
            let _ = self.changes.send(deployment);
        }
    }

    /// Ends a replica's process, as a crash would.
    pub fn crash(&self, replica: &ReplicaId) {
        self.set(replica, |now| Observed::Exited { at: now });
    }

    /// Lets a replica say what it is doing.
    pub fn says(&self, replica: &ReplicaId, what: &str, preparing: bool) {
        if let Some(fake) = self.state().replicas.get_mut(replica) {
            fake.seen.doing = Some(Doing { what: what.to_owned(), preparing });
        }
    }

    /// Lets a replica fail its health route.
    pub fn sicken(&self, replica: &ReplicaId) {
        self.set(replica, |now| Observed::Unready { since: now });
    }

    fn set(&self, replica: &ReplicaId, observed: impl FnOnce(Timestamp) -> Observed) {
        let mut state = self.state();
        let now = state.now.unwrap_or(Timestamp::UNIX_EPOCH);
        if let Some(fake) = state.replicas.get_mut(replica) {
            fake.seen.observed = observed(now);
        }
        drop(state);
        self.announce(replica);
    }

    fn announce(&self, replica: &ReplicaId) {
        let deployment = self.state().replicas.get(replica).map(|fake| fake.launch.deployment.clone());
        // Nobody listening is no error.
        let _ = deployment.map(|deployment| self.changes.send(deployment));
    }

    /// The replicas whose process runs.
    pub fn running(&self) -> Vec<ReplicaId> {
        let state = self.state();
        state.replicas.iter().filter(|(_, fake)| fake.seen.observed.may_exist()).map(|(id, _)| id.clone()).collect()
    }

    /// The most processes that ran at any moment since the last call.
    pub fn take_most(&self) -> usize {
        let now = self.running().len();
        std::mem::replace(&mut self.state().most, now).max(now)
    }

    /// The orders and questions since the last call, a line each.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }
}

impl Target for FakeTarget {
    fn traits(&self) -> Traits {
        self.state().traits
    }

    fn room(&self) -> Room {
        let state = self.state();
        if state.traits.schedules { Room::ItsOwn } else { Room::Counted(state.machine) }
    }

    fn look(&self, replicas: &[ReplicaId]) -> Result<Vec<Seen>, Unseen> {
        self.counted(true, |state| match state.unseen.clone() {
            Some(why) => Err(Unseen { why }),
            None => Ok(replicas.iter().map(|replica| state.seen(replica)).collect()),
        })
    }

    fn act(&self, order: Order) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async move {
            let stopped = match &order {
                Order::Stop(replica) => Some(replica.clone()),
                _ => None,
            };
            let done = match order {
                // Nothing of it can fail here.
                Order::Clear(deployment) => {
                    self.state().newest.remove(&deployment);
                    Ok(())
                }
                Order::StopAll => {
                    let running = self.running();
                    self.called(|state| running.into_iter().try_for_each(|id| state.take(Order::Stop(id))))
                }
                order => self.called(|state| state.take(order)),
            };
            if let Some(replica) = stopped.filter(|replica| !self.running().contains(replica)) {
                self.announce(&replica);
            }
            done
        })
    }

    fn adopt(&self, known: Vec<KnownReplica>) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async move {
            let mut state = self.state();
            let is_known = |id: &ReplicaId| known.iter().any(|known| known.launch.replica == *id);
            let strays: Vec<_> = state.replicas.keys().filter(|id| !is_known(id)).cloned().collect();
            for stray in strays {
                state.log.push(format!("stray {stray}"));
                state.replicas.remove(&stray);
            }
            Ok(())
        })
    }

    fn peak_memory(&self, _: &ReplicaId) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }

    fn output(&self) -> &dyn Output {
        &NoOutput
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        self.changes.subscribe()
    }
}
