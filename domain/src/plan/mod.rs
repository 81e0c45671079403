//! The pure planner: what should run, what does run, and the time, to the next step with its reason.
//!
//! The engine asks for one step, does it, looks again and asks again. The rehearsal plays the same
//! function to the end ([`crate::rehearsal`]).
//!
//! Guarantees, each one a property test:
//! - Nothing that is planned takes the number of available replicas below `desired − unavailable`.
//! - Nothing is started while `desired + surge` processes may exist.
//! - A replica that takes requests is drained before it is stopped. One that is no longer ready finishes those
//!   that it has, up to the drain limit, before it is stopped or started again.
//! - *Unknown* is neither ready nor gone: such a replica counts against the total and is left alone.
//!
//! Assumption: steps are carried out in the order in which they are given, one at a time.

mod in_flight;
mod progress;
mod reconfigure;
mod wait;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::{Delivery, Intent, Observed};
use crate::step_kind::StepKind;
use crate::strategy::Limits;
pub use in_flight::InFlight;
pub use progress::{Progress, progress};
use reconfigure::{ask_again, keep, meant, reconfigure};

/// One replica as the planner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Which one.
    pub id: ReplicaId,
    /// What it runs.
    pub revision: RevisionNumber,
    /// What is meant to become of it.
    pub intent: Intent,
    /// What was last seen of it.
    pub observed: Observed,
    /// Requests that it is answering.
    pub in_flight: InFlight,
    /// How often in a row it ended or failed without having been ready for a while.
    pub failures: u32,
    /// How often in a row it ended without having been ready, since any replica of its revision was.
    pub start_failures: u32,
    /// It has ended for a cause that does not change by trying again, as it said itself.
    pub lasting: bool,
    /// A new `user_config` that it was given and has not been seen to take.
    pub delivery: Option<Delivery>,
}

/// What every replica should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The revision.
    pub revision: RevisionNumber,
    /// How many replicas of it, at least 1.
    pub desired: u32,
    /// Other revisions whose replicas are alike, so that they only change their number (RAY-2).
    pub alike: Vec<RevisionNumber>,
    /// Other revisions whose replicas become alike by a new `user_config`, without a restart (RAY-4).
    pub reconfigurable: Vec<RevisionNumber>,
    /// A replica gets no requests while it takes a new `user_config`.
    pub off_the_route: bool,
    /// How often a replica may fail to take it before it is replaced.
    pub attempts: u32,
    /// A failed revision whose ready replicas serve on (`on_failure` is `stop`); lost ones are made up with the goal's.
    pub survivors_of: Option<RevisionNumber>,
}

impl Goal {
    /// `desired` replicas of `revision`, and nothing else.
    pub fn of(revision: RevisionNumber, desired: u32) -> Self {
        let (alike, reconfigurable) = (Vec::new(), Vec::new());
        Self { revision, desired, alike, reconfigurable, off_the_route: false, attempts: u32::MAX, survivors_of: None }
    }

    /// Whether `replica` needs no successor: it is of the goal's revision, becomes so without a restart, or is kept.
    fn is_met_by(&self, replica: &Replica) -> bool {
        if replica.delivery.is_some_and(|delivery| self.is_given_up(delivery)) {
            return false;
        }
        replica.revision == self.revision
            || (self.survivors_of == Some(replica.revision) && replica.observed.is_ready())
            || (self.is_a_config_away(replica) && !replica.observed.has_failed())
    }

    /// Whether a replica with this delivery is replaced rather than asked again: it failed too often, or it failed to take
    /// another `user_config` than the goal's, so that going back depends on nothing that has failed. What was refused for
    /// good was certainly not taken.
    fn is_given_up(&self, delivery: Delivery) -> bool {
        let is_other = delivery.revision != self.revision;
        delivery.failed > 0 && !(is_other && delivery.refused) && (is_other || delivery.failed >= self.attempts)
    }

    /// Whether all that `replica` lacks, or may lack, is the goal's `user_config`.
    fn is_a_config_away(&self, replica: &Replica) -> bool {
        if replica.delivery.is_some_and(|delivery| self.is_given_up(delivery)) {
            return false;
        }
        let may_be_alike = replica.revision == self.revision || self.alike.contains(&replica.revision);
        self.reconfigurable.contains(&replica.revision) || (may_be_alike && replica.delivery.is_some())
    }
}

/// Everything that the planner goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// What should run; nothing when the deployment is to have no replicas.
    pub goal: Option<Goal>,
    /// How far it may go at a time.
    pub limits: Limits,
    /// How long a replica must have been ready to count, in seconds (CO-4).
    pub min_ready_seconds: u32,
    /// How long a draining replica may finish its requests, in milliseconds.
    pub drain_limit_ms: u32,
    /// Nothing is replaced while a person has paused the rollout, or after it failed and nothing is to be undone;
    /// crashed replicas are still restarted.
    pub paused: bool,
    /// How many more replicas of the goal's revision fit on the machine (RAY-5).
    pub room: u32,
    /// What runs.
    pub replicas: Vec<Replica>,
}

/// The smallest thing the engine does before it looks again. Each is safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Start one more replica.
    Start {
        /// Of this revision.
        revision: RevisionNumber,
    },
    /// Start the process of this replica again.
    Restart {
        /// Which one.
        replica: ReplicaId,
    },
    /// Count this running replica to another revision; its process is left alone.
    Relabel {
        /// Which one.
        replica: ReplicaId,
        /// Its new revision.
        revision: RevisionNumber,
    },
    /// Give this running replica another revision's `user_config`, and count it to that revision (RAY-4).
    Reconfigure {
        /// Which one.
        replica: ReplicaId,
        /// Its new revision.
        revision: RevisionNumber,
    },
    /// Give this replica no new requests.
    Drain {
        /// Which one.
        replica: ReplicaId,
    },
    /// End this replica's process.
    Stop {
        /// Which one.
        replica: ReplicaId,
    },
    /// Strike out a replica whose process is gone.
    Forget {
        /// Which one.
        replica: ReplicaId,
    },
}

impl Step {
    /// The kind that it is told as.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Start { .. } => StepKind::Start,
            Self::Restart { .. } => StepKind::Restart,
            Self::Relabel { .. } => StepKind::Relabel,
            Self::Reconfigure { .. } => StepKind::Reconfigure,
            Self::Drain { .. } => StepKind::Drain,
            Self::Stop { .. } => StepKind::Stop,
            Self::Forget { .. } => StepKind::Forget,
        }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Do this, then look again.
    Do {
        /// What.
        step: Step,
        /// Why, in a sentence for people.
        reason: String,
    },
    /// Nothing can be done until something changes, or until then.
    Wait {
        /// When to look again at the latest.
        until: Option<Timestamp>,
        /// What is waited for.
        reason: String,
    },
    /// Everything is as it should be.
    Settled,
}

impl Scene {
    /// Whether nothing may be taken away. A pause is no reason to keep what nobody wants to run at all.
    fn is_held(&self) -> bool {
        self.paused && self.goal.is_some()
    }
}

impl Replica {
    /// One that is to serve, and of which nothing else is known.
    pub fn new(id: ReplicaId, revision: RevisionNumber, observed: Observed) -> Self {
        let (in_flight, failures, start_failures, lasting, delivery) = (InFlight::Counted(0), 0, 0, false, None);
        Self { id, revision, intent: Intent::Run, observed, in_flight, failures, start_failures, lasting, delivery }
    }

    /// Ready, and for long enough when it is new. Replicas of an earlier revision have proven themselves.
    fn is_available(&self, goal: Option<&Goal>, min_ready_seconds: u32, now: Timestamp) -> bool {
        if goal.is_some_and(|goal| goal.off_the_route) && self.delivery.is_some_and(Delivery::may_be_taken) {
            return false;
        }
        match (self.intent, self.observed) {
            (Intent::Run, Observed::Ready { since }) => {
                let is_new = goal.is_some_and(|goal| goal.revision == self.revision);
                !is_new || now.duration_since(since) >= SignedDuration::from_secs(min_ready_seconds.into())
            }
            _ => false,
        }
    }
}

/// How long to wait before a replica that has failed `failures` times in a row is started again:
/// nothing the first time, then 0.5 s doubled each time, at most 30 s.
pub fn back_off(failures: u32) -> SignedDuration {
    match failures {
        0 | 1 => SignedDuration::ZERO,
        n => SignedDuration::from_millis((500i64 << (n - 2).min(10)).min(30_000)),
    }
}

/// The next step for `scene` at `now`.
pub fn next(scene: &Scene, now: Timestamp) -> Decision {
    finish_what_was_begun(scene, now)
        .or_else(|| relabel(scene))
        .or_else(|| keep(scene))
        .or_else(|| reconfigure(scene, now))
        .or_else(|| restart(scene, now))
        .or_else(|| remove_unhealthy(scene))
        .or_else(|| start(scene))
        .or_else(|| drain(scene, now))
        .unwrap_or_else(|| wait::wait(scene, now))
}

fn act(step: Step, reason: impl Into<String>) -> Option<Decision> {
    Some(Decision::Do { step, reason: reason.into() })
}

/// Stops what has drained, strikes out what has ended.
fn finish_what_was_begun(scene: &Scene, now: Timestamp) -> Option<Decision> {
    scene.replicas.iter().find_map(|replica| {
        let id = || replica.id.clone();
        match replica.intent {
            Intent::Run => None,
            // As long as the gateway has not seen the end of its requests, they are not in any receipt.
            Intent::Drain { since } | Intent::Stop { since } if !replica.observed.may_exist() => {
                let is_counted =
                    !matches!(replica.in_flight, InFlight::Counted(1..)) || now >= since + drain_limit(scene);
                if is_counted { act(Step::Forget { replica: id() }, "its process has ended") } else { None }
            }
            Intent::Drain { .. } if replica.in_flight.is_none() => {
                act(Step::Stop { replica: id() }, "it has no request left")
            }
            Intent::Drain { since } if now >= since + drain_limit(scene) => {
                let left = match replica.in_flight {
                    InFlight::Counted(count) => format!("with {count} requests left"),
                    InFlight::Unknown => "and nobody counts its requests".to_owned(),
                };
                let reason = format!("its drain limit of {} s is over {left}", scene.drain_limit_ms / 1000);
                act(Step::Stop { replica: id() }, reason)
            }
            Intent::Drain { .. } | Intent::Stop { .. } => None,
        }
    })
}

fn drain_limit(scene: &Scene) -> SignedDuration {
    SignedDuration::from_millis(scene.drain_limit_ms.into())
}

/// Until when `replica`, which fails its health route, may finish the requests that it has.
fn finishes(scene: &Scene, replica: &Replica) -> Option<Timestamp> {
    match replica.observed {
        Observed::Unready { since } if !replica.in_flight.is_none() => Some(since + drain_limit(scene)),
        _ => None,
    }
}

/// Keeps replicas that already run what the goal asks for.
fn relabel(scene: &Scene) -> Option<Decision> {
    let goal = scene.goal.as_ref()?;
    let alike = scene
        .replicas
        .iter()
        .find(|r| r.intent == Intent::Run && goal.alike.contains(&r.revision) && r.delivery.is_none())?;
    let step = Step::Relabel { replica: alike.id.clone(), revision: goal.revision };
    act(step, "it already runs what this revision asks for, so it stays as it is")
}

/// How many replicas are available.
fn available(scene: &Scene, now: Timestamp) -> u32 {
    let goal = scene.goal.as_ref();
    scene.replicas.iter().filter(|r| r.is_available(goal, scene.min_ready_seconds, now)).count() as u32
}

/// Starts ended or failing processes again, after a pause that grows. Replicas of an earlier revision
/// are only mended while nothing is being replaced; otherwise they go first.
fn restart(scene: &Scene, now: Timestamp) -> Option<Decision> {
    let goal = scene.goal.as_ref()?;
    let mended = |r: &&Replica| r.intent == Intent::Run && (scene.paused || r.revision == goal.revision);
    scene.replicas.iter().filter(mended).find_map(|replica| {
        let (failed_at, what) = failure(replica)?;
        let step = Step::Restart { replica: replica.id.clone() };
        let waits = finishes(scene, replica).is_some_and(|until| now < until);
        if now >= failed_at + back_off(replica.failures) && !waits { act(step, what) } else { None }
    })
}

fn failure(replica: &Replica) -> Option<(Timestamp, &'static str)> {
    match replica.observed {
        Observed::Exited { at } => Some((at, "its process ended by itself")),
        Observed::Unready { since } => Some((since, "it no longer answers its health route")),
        _ => None,
    }
}

/// Unhealthy replicas of an earlier revision go first: that costs nobody anything (CO-4).
fn remove_unhealthy(scene: &Scene) -> Option<Decision> {
    if scene.is_held() {
        return None;
    }
    let replica = others(scene).find(|r| !r.observed.is_ready() && r.observed != Observed::Unknown)?;
    let (id, reason) = (replica.id.clone(), "it is not ready, so it goes first");
    let step =
        if finishes(scene, replica).is_some() { Step::Drain { replica: id } } else { Step::Stop { replica: id } };
    act(step, reason)
}

/// Replicas that are to serve and need a successor.
fn others(scene: &Scene) -> impl Iterator<Item = &Replica> {
    scene.replicas.iter().filter(|r| r.intent == Intent::Run && !scene.goal.as_ref().is_some_and(|g| g.is_met_by(r)))
}

/// Replicas that are to serve and need none.
fn new_ones(scene: &Scene) -> impl Iterator<Item = &Replica> {
    scene.replicas.iter().filter(|r| r.intent == Intent::Run && scene.goal.as_ref().is_some_and(|g| g.is_met_by(r)))
}

fn start(scene: &Scene) -> Option<Decision> {
    let goal = scene.goal.as_ref().filter(|_| !scene.paused)?;
    let count = new_ones(scene).count() as u32;
    // One that has ended and is to be started again has a place too.
    let total = scene.replicas.iter().filter(|r| r.observed.may_exist() || r.intent == Intent::Run).count() as u32;
    let highest = scene.limits.highest_total(goal.desired);
    if count >= meant(scene, goal) || total >= highest || scene.room == 0 {
        return None;
    }
    act(
        Step::Start { revision: goal.revision },
        format!("{count} of {} exist, {total} replicas run and {highest} are allowed", goal.desired),
    )
}

/// Takes one replica off the route that is no longer wanted, if enough others are available.
fn drain(scene: &Scene, now: Timestamp) -> Option<Decision> {
    if scene.is_held() {
        return None;
    }
    let Some(goal) = &scene.goal else {
        let replica = others(scene).find(|r| r.observed != Observed::Unknown)?;
        return act(Step::Drain { replica: replica.id.clone() }, "nothing should run");
    };
    let available = available(scene, now);
    let floor = scene.limits.lowest_available(goal.desired);
    let surplus = (new_ones(scene).count() as u32).saturating_sub(meant(scene, goal));
    let known = |r: &&Replica| r.observed != Observed::Unknown;
    let replaced = || Some((others(scene).filter(known).min_by_key(|r| r.revision)?, "of an earlier revision"));
    let one_more = || {
        let ones = new_ones(scene).filter(|_| surplus > 0).filter(known);
        // Of those that serve on after a failed update one goes first, else the one that ran shortest.
        let first =
            |r: &&Replica| (r.observed.is_ready(), goal.survivors_of != Some(r.revision), r.observed.is_youngest());
        Some((ones.min_by_key(first)?, "one more than wanted"))
    };
    let (replica, what) = replaced().or_else(one_more)?;
    let counts = replica.is_available(Some(goal), scene.min_ready_seconds, now);
    if counts && available <= floor {
        return None;
    }
    act(
        Step::Drain { replica: replica.id.clone() },
        format!("{what}: {available} are available and the floor is {floor}"),
    )
}
