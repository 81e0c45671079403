//! A target that a test tells what happens: no processes, no time of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::{DeploymentId, Generation, ModelRef, ReplicaId};
use domain::replica::{Address, Doing, Observed, Seen};
use domain::resources::Machine;
use domain::target::{Room, Traits};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;

use super::{Known, Launch, NoOutput, Order, Output, Target, TargetError, Unseen};

/// How replicas of a model behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Ready after so long.
    Ready(SignedDuration),
    /// Runs and never becomes ready.
    NeverReady,
    /// Ends by itself after so long.
    Crashes(SignedDuration),
    /// Ends by itself after so long, and says that this does not change by trying again.
    CannotRun(SignedDuration),
    /// Cannot be started at all.
    CannotStart,
    /// Ready and not ready in turns of this length, ready first.
    Flaps(SignedDuration),
    /// Ready at once, and fails its health route from so long after its start on.
    Sickens(SignedDuration),
    /// Ready at once, and ends by itself so long after its start.
    CrashesLater(SignedDuration),
    /// Ready at once, and goes on for so long after it was told to end.
    IgnoresStop(SignedDuration),
}

/// Where the server that uses this target is killed: at its n-th call, before or after the call has its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The n-th call, from 1.
    pub call: u32,
    /// Whether the call still has its effect.
    pub after: bool,
}

/// What a killed server's calls unwind with.
struct Killed;

struct Fake {
    launch: Launch,
    started: Timestamp,
    /// When it was told to end.
    told_to_end: Option<Timestamp>,
    seen: Seen,
}

struct State {
    machine: Machine,
    now: Option<Timestamp>,
    replicas: BTreeMap<ReplicaId, Fake>,
    behaviours: HashMap<String, Behaviour>,
    newest: HashMap<DeploymentId, Generation>,
    log: Vec<String>,
    most: usize,
    cut: Option<Cut>,
    calls: u32,
    dead: bool,
    /// The last call that was not refused only looks.
    looked: bool,
}

/// The target. A test moves its time on and reads what was asked of it.
pub struct FakeTarget {
    state: Mutex<State>,
    changes: broadcast::Sender<DeploymentId>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            machine: Machine::ENDLESS,
            now: None,
            replicas: BTreeMap::new(),
            behaviours: HashMap::new(),
            newest: HashMap::new(),
            log: Vec::new(),
            most: 0,
            cut: None,
            calls: 0,
            dead: false,
            looked: false,
        }
    }
}

impl Default for FakeTarget {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: broadcast::channel(1024).0 }
    }
}

impl FakeTarget {
    /// What the machine has to give from now on.
    pub fn set_machine(&self, machine: Machine) {
        self.state().machine = machine;
    }

    /// The model that a replica's process serves.
    pub fn model(&self, replica: &ReplicaId) -> Option<ModelRef> {
        self.state().replicas.get(replica)?.launch.configuration.models.first().cloned()
    }

    /// Whether a replica's process has been ready.
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
    pub fn cut(&self, cut: Cut) {
        let mut state = self.state();
        (state.cut, state.calls) = (Some(cut), 0);
    }

    /// Whether the server has been killed.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Whether the server was killed while it looked: before and after such a call are the same moment.
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

    fn stop(&self, replica: &ReplicaId) {
        let ended = self.called(|state| {
            state.log.push(format!("stop {replica}"));
            let State { replicas, behaviours, now, .. } = state;
            let now = now.unwrap_or(Timestamp::UNIX_EPOCH);
            replicas.get_mut(replica).is_some_and(|fake| {
                fake.told_to_end.get_or_insert(now);
                step(fake, behaviours, now);
                !fake.seen.observed.may_exist()
            })
        });
        if ended {
            self.announce(replica);
        }
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

    /// What was asked of it since the last call, a line each.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }
}

fn behaviour(fake: &Fake, behaviours: &HashMap<String, Behaviour>) -> Behaviour {
    let model = fake.launch.configuration.models.first().map(ToString::to_string).unwrap_or_default();
    behaviours.get(&model).copied().unwrap_or(Behaviour::Ready(SignedDuration::ZERO))
}

/// Lets happen to a replica what is due by now.
fn step(fake: &mut Fake, behaviours: &HashMap<String, Behaviour>, now: Timestamp) {
    use Observed::{Absent, Exited, Ready, Starting, Unready};
    let seen = fake.seen.observed;
    if !seen.may_exist() {
        return;
    }
    let (starts, is_ready, age) = (matches!(seen, Starting { .. }), seen.is_ready(), now.duration_since(fake.started));
    let next = match (behaviour(fake, behaviours), fake.told_to_end) {
        (Behaviour::IgnoresStop(after), Some(told)) if now < told + after => None,
        (_, Some(_)) => Some(Absent),
        (Behaviour::Ready(after), _) if starts && age >= after => Some(Ready { since: now }),
        (Behaviour::Crashes(after) | Behaviour::CannotRun(after), _) if starts && age >= after => {
            Some(Exited { at: now })
        }
        (Behaviour::CrashesLater(after), _) if age >= after => Some(Exited { at: now }),
        (Behaviour::Sickens(after), _) if age >= after => is_ready.then_some(Unready { since: now }),
        (Behaviour::Flaps(turn), _) if age.as_nanos() / turn.as_nanos() % 2 == 1 => {
            is_ready.then_some(Unready { since: now })
        }
        (Behaviour::Flaps(_), _) => (!is_ready).then_some(Ready { since: now }),
        (Behaviour::CrashesLater(_) | Behaviour::Sickens(_) | Behaviour::IgnoresStop(_), _) => {
            starts.then_some(Ready { since: now })
        }
        (Behaviour::Ready(_) | Behaviour::Crashes(_) | Behaviour::CannotRun(_), _) => None,
        (Behaviour::NeverReady | Behaviour::CannotStart, _) => None,
    };
    match next {
        Some(Exited { .. }) if matches!(behaviour(fake, behaviours), Behaviour::CannotRun(_)) => {
            fake.seen.problem = Some("the model cannot be served".to_owned());
            fake.seen.lasting = true;
        }
        Some(Exited { .. }) => fake.seen.problem = Some("it crashed".to_owned()),
        Some(Unready { .. }) => fake.seen.problem = Some("its health route failed".to_owned()),
        _ => {}
    }
    fake.seen.observed = next.unwrap_or(seen);
}

impl Target for FakeTarget {
    fn traits(&self) -> Traits {
        Traits::LOCAL
    }

    fn room(&self) -> Room {
        Room::Counted(self.state().machine)
    }

    fn look(&self, replicas: &[ReplicaId]) -> Result<Vec<Seen>, Unseen> {
        let seen = |state: &mut State, id| state.replicas.get(id).map_or_else(Seen::absent, |fake| fake.seen.clone());
        self.counted(true, |state| Ok(replicas.iter().map(|id| seen(state, id)).collect()))
    }

    fn act(&self, order: Order) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async move {
            match order {
                Order::Start(launch) => self.called(|state| state.start(&launch)),
                Order::Reconfigure(launch) => self.called(|state| state.reconfigure(&launch)),
                Order::Stop(replica) => {
                    self.stop(&replica);
                    Ok(())
                }
                Order::Forget(replica) => {
                    self.called(|state| state.replicas.remove(&replica));
                    Ok(())
                }
                Order::Clear(deployment) => {
                    self.state().newest.remove(&deployment);
                    Ok(())
                }
                Order::StopAll => {
                    self.running().iter().for_each(|replica| self.stop(replica));
                    Ok(())
                }
            }
        })
    }

    fn adopt(&self, known: Vec<Known>) -> BoxFuture<'_, Result<(), TargetError>> {
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

impl State {
    fn start(&mut self, launch: &Launch) -> Result<(), TargetError> {
        let now = self.now.unwrap_or(Timestamp::UNIX_EPOCH);
        let newest = self.newest.entry(launch.deployment.clone()).or_insert(launch.generation);
        if *newest > launch.generation {
            return Err(TargetError::Outdated { given: launch.generation, known: *newest });
        }
        *newest = launch.generation;
        let model = launch.configuration.models.first().map(ToString::to_string).unwrap_or_default();
        self.log.push(format!("start {} {model}", launch.replica));
        let address = Some(Address::Unix(launch.replica.as_str().into()));
        let seen = Seen { observed: Observed::Starting { since: now }, address, ..Seen::absent() };
        let mut fake = Fake { launch: launch.clone(), started: now, told_to_end: None, seen };
        if behaviour(&fake, &self.behaviours) == Behaviour::CannotStart {
            return Err(TargetError::Spawn(std::io::Error::other("no such program")));
        }
        step(&mut fake, &self.behaviours, now);
        self.replicas.insert(launch.replica.clone(), fake);
        let running = self.replicas.values().filter(|fake| fake.seen.observed.may_exist()).count();
        self.most = self.most.max(running);
        Ok(())
    }

    fn reconfigure(&mut self, launch: &Launch) -> Result<(), TargetError> {
        let user_config = &launch.configuration.user_config;
        self.log.push(format!("reconfigure {} {user_config}", launch.replica));
        if user_config.get("refused").is_some() {
            return Err(TargetError::Refused("it said no".to_owned()));
        }
        if user_config.get("busy").is_some() {
            return Err(TargetError::NotTaken("it had no time".to_owned()));
        }
        match self.replicas.get_mut(&launch.replica) {
            Some(fake) => fake.launch = launch.clone(),
            None => return Err(TargetError::NotTaken("there is no such process".to_owned())),
        }
        Ok(())
    }
}
