//! The state of the fake target, and the effect of orders on it.

use std::collections::{BTreeMap, HashMap};

use domain::id::{DeploymentId, Generation, ReplicaId};
use domain::replica::{Address, Doing, Observed, Seen};
use domain::resources::Machine;
use domain::target::Traits;
use jiff::{SignedDuration, Timestamp};

use super::behaviour::{Behaviour, Fake, behaviour, step};
use super::cut::KillPoint;
use crate::targets::{Launch, Order, TargetError};

/// Everything that the fake target knows.
pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) traits: Traits,
    /// The number of replicas that run at a time where the target schedules by itself; the others wait.
    pub(super) places: usize,
    /// The reason why the target cannot be seen.
    pub(super) unseen: Option<String>,
    /// The number of further orders that fail.
    pub(super) failing: u32,
    /// Orders get no answer, and are carried out after so long.
    pub(super) late: Option<SignedDuration>,
    /// Orders that got no answer, each with the time at which it is carried out.
    pub(super) outstanding: Vec<(Timestamp, Order)>,
    pub(super) now: Option<Timestamp>,
    pub(super) replicas: BTreeMap<ReplicaId, Fake>,
    pub(super) behaviours: HashMap<String, Behaviour>,
    pub(super) newest: HashMap<DeploymentId, Generation>,
    pub(super) log: Vec<String>,
    pub(super) most: usize,
    pub(super) cut: Option<KillPoint>,
    pub(super) calls: u32,
    pub(super) dead: bool,
    /// The last call that was not refused only looks.
    pub(super) looked: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            machine: Machine::ENDLESS,
            traits: Traits::LOCAL,
            places: usize::MAX,
            unseen: None,
            failing: 0,
            late: None,
            outstanding: Vec::new(),
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

/// The replica that an order is about.
fn about(order: &Order) -> Option<&ReplicaId> {
    match order {
        Order::Start(launch) | Order::Reconfigure(launch) => Some(&launch.replica),
        Order::Stop(replica) | Order::Forget(replica) => Some(replica),
        Order::Clear(_) | Order::StopAll => None,
    }
}

impl State {
    /// The observation of a replica: nothing certain while an order about it has no answer.
    pub(super) fn seen(&self, replica: &ReplicaId) -> Seen {
        let seen = self.replicas.get(replica).map_or_else(Seen::absent, |fake| fake.seen.clone());
        match self.is_outstanding(replica) {
            true => Seen { observed: Observed::Unknown, ..seen },
            false => seen,
        }
    }

    fn is_outstanding(&self, replica: &ReplicaId) -> bool {
        self.outstanding.iter().any(|(_, order)| about(order) == Some(replica))
    }

    /// Takes an order: fails, answers late, or does it.
    pub(super) fn take(&mut self, order: Order) -> Result<(), TargetError> {
        if self.failing > 0 {
            self.failing -= 1;
            return Err(TargetError::NotDone("the target refused the order".to_owned()));
        }
        let unanswered = || Err(TargetError::NoAnswer("nothing was heard within 10 s".to_owned()));
        if about(&order).is_some_and(|replica| self.is_outstanding(replica)) {
            return unanswered();
        }
        match (self.late, self.now) {
            (Some(late), Some(now)) => {
                self.outstanding.push((now + late, order));
                unanswered()
            }
            _ => self.carry(order),
        }
    }

    fn carry(&mut self, order: Order) -> Result<(), TargetError> {
        match order {
            Order::Start(launch) => self.start(&launch),
            Order::Reconfigure(launch) => self.reconfigure(&launch),
            Order::Stop(replica) => {
                self.stop(&replica);
                Ok(())
            }
            Order::Forget(replica) => {
                self.replicas.remove(&replica);
                Ok(())
            }
            Order::Clear(_) | Order::StopAll => Ok(()),
        }
    }

    /// Carries out the orders that are due; the deployments that they were about.
    pub(super) fn carry_out(&mut self, now: Timestamp) -> Vec<DeploymentId> {
        let (due, later) = std::mem::take(&mut self.outstanding).into_iter().partition(|(at, _)| *at <= now);
        self.outstanding = later;
        let due: Vec<(Timestamp, Order)> = due;
        let mut touched = Vec::new();
        for (_, order) in due {
            let replica = about(&order).cloned();
            // Whoever gave it has heard nothing of it, and sees what it came to.
            let _ = self.carry(order);
            let fake = replica.and_then(|replica| self.replicas.get(&replica));
            touched.extend(fake.map(|fake| fake.launch.deployment.clone()));
        }
        touched
    }

    /// Gives places to replicas that wait, in the order of their ids.
    pub(super) fn schedule(&mut self, now: Timestamp) {
        let exists = |fake: &Fake| fake.seen.observed.may_exist();
        let mut free = self.places.saturating_sub(self.replicas.values().filter(|f| exists(f) && !f.waits).count());
        for fake in self.replicas.values_mut().filter(|fake| fake.waits && exists(fake)) {
            if free == 0 {
                break;
            }
            free -= 1;
            (fake.waits, fake.started, fake.seen.doing) = (false, now, None);
        }
    }

    fn stop(&mut self, replica: &ReplicaId) {
        self.log.push(format!("stop {replica}"));
        let State { replicas, behaviours, now, .. } = self;
        let now = now.unwrap_or(Timestamp::UNIX_EPOCH);
        if let Some(fake) = replicas.get_mut(replica) {
            fake.told_to_end.get_or_insert(now);
            step(fake, behaviours, now);
        }
    }

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
        let waits = self.traits.schedules;
        let mut fake = Fake { launch: launch.clone(), waits, started: now, told_to_end: None, seen };
        if waits {
            fake.seen.doing = Some(Doing { what: "waits for resources".to_owned(), preparing: true });
        }
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
