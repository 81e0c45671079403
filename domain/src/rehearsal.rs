//! Plays a rollout to the end with the engine's own planner and made-up timings (CO-1).

mod question;
mod warnings;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, RevisionNumber};
use crate::plan::{self, Decision, Goal, InFlight, Replica, Scene, Step};
use crate::replica::{Delivery, Intent, Observed};
use crate::step_kind::StepKind;
use crate::strategy::Limits;
use crate::words::OpenWord;

pub use question::{DRAIN_MS, Rehearse, Running, STARTUP_MS};

/// The number of replicas in each state at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frame {
    /// Milliseconds since the start.
    pub at_ms: u64,
    /// Ready replicas of the revision before.
    pub old_ready: u32,
    /// Draining or ending replicas of the revision before.
    pub old_leaving: u32,
    /// Replicas of the new revision that are not ready yet.
    pub new_starting: u32,
    /// Ready replicas of the new revision.
    pub new_ready: u32,
    /// Share of requests that the new revision answers, in percent.
    pub new_share_percent: u32,
}

/// A rollout played to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rehearsal {
    /// The limits that the strategy comes to.
    pub limits: Limits,
    /// One frame for each moment at which something changes.
    pub frames: Vec<Frame>,
    /// The steps that the engine would take, in order.
    pub steps: Vec<RehearsedStep>,
    /// The fewest ready replicas at any moment.
    pub lowest_available: u32,
    /// The most processes at any moment.
    pub highest_total: u32,
    /// Estimated length in milliseconds.
    pub duration_ms: u64,
    /// Milliseconds that a replica that is taken away may finish its requests for, at most; the estimate takes them to
    /// be short.
    #[serde(default)]
    pub drain_limit_ms: u32,
    /// Warnings to read before agreeing.
    pub warnings: Vec<String>,
}

impl Rehearsal {
    /// Milliseconds during which fewer than `least` replicas answer, by its estimate.
    pub fn below_ms(&self, least: u32) -> u64 {
        let ends = self.frames.iter().skip(1).map(|frame| frame.at_ms).chain([self.duration_ms]);
        let spans = self.frames.iter().zip(ends);
        spans
            .filter(|(frame, _)| frame.old_ready + frame.new_ready < least)
            .map(|(frame, end)| end.saturating_sub(frame.at_ms))
            .sum()
    }
}

/// One step of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RehearsedStep {
    /// Milliseconds since the start.
    pub at_ms: u64,
    /// The kind of the step.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: OpenWord<StepKind>,
    /// The reason.
    pub reason: String,
}

const OLD: RevisionNumber = RevisionNumber(1);
const NEW: RevisionNumber = RevisionNumber(2);
/// A plan for [`crate::strategy::MAX_REPLICAS`] replicas needs about five steps for each; more is a defect of the
/// planner.
const MOST_STEPS: usize = 20_000;

/// Plays the rollout. Pure: the same question gives the same answer here and in the browser.
pub fn rehearse(question: &Rehearse) -> Rehearsal {
    let mut stage = Stage::new(question);
    let mut rehearsal = Rehearsal {
        limits: stage.scene.limits,
        frames: vec![stage.frame()],
        steps: Vec::new(),
        lowest_available: question.current,
        highest_total: question.current,
        duration_ms: 0,
        drain_limit_ms: question.drain_limit_ms,
        warnings: warnings::warnings(question, stage.scene.limits),
    };
    for _ in 0..MOST_STEPS {
        match plan::next(&stage.scene, stage.now) {
            Decision::Do { step, reason } => {
                rehearsal.steps.push(RehearsedStep { at_ms: stage.elapsed_ms(), kind: step.kind().into(), reason });
                stage.apply(step);
            }
            Decision::Wait { until, .. } => {
                rehearsal.note(stage.frame());
                if !stage.advance(until) {
                    break;
                }
            }
            Decision::Settled => break,
        }
        rehearsal.measure(stage.frame());
    }
    rehearsal.note(stage.frame());
    rehearsal.duration_ms = stage.elapsed_ms();
    rehearsal
}

impl Rehearsal {
    fn measure(&mut self, frame: Frame) {
        self.lowest_available = self.lowest_available.min(frame.old_ready + frame.new_ready);
        let total = frame.old_ready + frame.old_leaving + frame.new_starting + frame.new_ready;
        self.highest_total = self.highest_total.max(total);
    }

    fn note(&mut self, frame: Frame) {
        self.measure(frame);
        if self.frames.last() != Some(&frame) {
            self.frames.push(frame);
        }
    }
}

/// A step that the planner would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepToCome {
    /// When.
    pub at: Timestamp,
    /// Its kind.
    pub kind: StepKind,
    /// The replica that it is about.
    pub replica: ReplicaId,
}

/// The rest of a rollout, played from a scene as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlayedOn {
    /// The steps, in order.
    pub steps: Vec<StepToCome>,
    /// The replicas that are ready in the end, and since when.
    pub ready: BTreeMap<ReplicaId, Timestamp>,
    /// When nothing is left to do; none where that does not come.
    pub ends_at: Option<Timestamp>,
}

/// As many steps of a rollout in progress are played at most.
const MOST_PLAYED_ON: usize = 4_000;
/// Replicas that are made up are numbered from here, beyond any that a test has.
const MADE_UP: u32 = 1_000_000;

/// Plays a rollout on from `scene`, as if every replica that starts became ready after `startup_ms`, and every one that
/// drains had finished after `drain_ms`.
pub fn play_on(scene: Scene, now: Timestamp, startup_ms: u32, drain_ms: u32) -> PlayedOn {
    let mut stage = Stage::going_on(scene, now, startup_ms, drain_ms);
    let mut played = PlayedOn::default();
    for _ in 0..MOST_PLAYED_ON {
        match plan::next(&stage.scene, stage.now) {
            Decision::Do { step, .. } => {
                if let Some(replica) = stage.about(&step) {
                    played.steps.push(StepToCome { at: stage.now, kind: step.kind(), replica });
                }
                stage.apply(step);
            }
            Decision::Wait { until, .. } => {
                if !stage.advance(until) {
                    break;
                }
            }
            Decision::Settled => {
                played.ends_at = Some(stage.now);
                break;
            }
        }
    }
    played.ready = stage.scene.replicas.iter().filter_map(ready_since).collect();
    played
}

fn ready_since(replica: &Replica) -> Option<(ReplicaId, Timestamp)> {
    match replica.observed {
        Observed::Ready { since } => Some((replica.id.clone(), since)),
        _ => None,
    }
}

/// A made-up target on which the planner's steps are played.
struct Stage {
    scene: Scene,
    now: Timestamp,
    startup: SignedDuration,
    drain: SignedDuration,
    started: u32,
}

impl Stage {
    fn new(question: &Rehearse) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let started = question.current;
        let replicas =
            (0..started).filter_map(|n| Self::replica(n, OLD, Observed::Ready { since: Timestamp::MIN })).collect();
        let mut goal = Goal::of(NEW, question.desired);
        match question.running {
            Running::Alike => goal.alike.push(OLD),
            Running::Reconfigured => goal.reconfigurable.push(OLD),
            Running::ReconfiguredInTurn => {
                goal.reconfigurable.push(OLD);
                goal.off_the_route = true;
            }
            Running::Replaced => {}
        }
        let scene = Scene {
            goal: Some(goal),
            limits: question.strategy.resolve(question.desired),
            min_ready_seconds: question.strategy.min_ready_seconds,
            drain_limit_ms: question.drain_limit_ms,
            paused: false,
            room: u32::MAX,
            replicas,
        };
        let millis = |ms: u32| SignedDuration::from_millis(ms.into());
        let drain = question.drain_ms.min(question.drain_limit_ms);
        Self { scene, now, startup: millis(question.startup_ms), drain: millis(drain), started }
    }

    /// That of a rollout in progress. Nobody can say what becomes of those that are not seen, so they are taken to start;
    /// those that were told to end have done so.
    fn going_on(mut scene: Scene, now: Timestamp, startup_ms: u32, drain_ms: u32) -> Self {
        scene.replicas.retain(|replica| !matches!(replica.intent, Intent::Stop { .. }));
        for replica in &mut scene.replicas {
            if replica.observed == Observed::Unknown {
                replica.observed = Observed::Starting { since: now };
            }
        }
        let millis = |ms: u32| SignedDuration::from_millis(ms.into());
        let drain = drain_ms.min(scene.drain_limit_ms);
        Self { scene, now, startup: millis(startup_ms), drain: millis(drain), started: MADE_UP }
    }

    /// The replica that a step is about.
    fn about(&self, step: &Step) -> Option<ReplicaId> {
        match step {
            Step::Start { .. } => Self::id(self.started),
            Step::Restart { replica }
            | Step::Relabel { replica, .. }
            | Step::Reconfigure { replica, .. }
            | Step::Drain { replica }
            | Step::Stop { replica }
            | Step::Forget { replica } => Some(replica.clone()),
        }
    }

    fn id(n: u32) -> Option<ReplicaId> {
        format!("r{n}").parse().ok()
    }

    fn replica(n: u32, revision: RevisionNumber, observed: Observed) -> Option<Replica> {
        let id = Self::id(n)?;
        Some(Replica { in_flight: InFlight::Counted(1), ..Replica::new(id, revision, observed) })
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.now.as_millisecond()).unwrap_or(0)
    }

    fn find(&mut self, id: &ReplicaId) -> Option<&mut Replica> {
        self.scene.replicas.iter_mut().find(|r| r.id == *id)
    }

    /// True when this replica first finishes its requests before it takes a new `user_config`.
    fn is_to_finish(&mut self, id: &ReplicaId) -> bool {
        let off_the_route = self.scene.goal.as_ref().is_some_and(|goal| goal.off_the_route);
        off_the_route && self.find(id).is_some_and(|replica| replica.delivery.is_none())
    }

    fn apply(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Start { revision } => {
                let replica = Self::replica(self.started, revision, Observed::Starting { since: now });
                self.scene.replicas.extend(replica);
                self.started += 1;
            }
            Step::Drain { replica } => {
                if let Some(replica) = self.find(&replica) {
                    replica.intent = Intent::Drain { since: now };
                }
            }
            Step::Reconfigure { replica, revision } if self.is_to_finish(&replica) => {
                if let Some(replica) = self.find(&replica) {
                    replica.delivery = Some(Delivery { revision, at: now, failed: 0, finishes: true, refused: false });
                }
            }
            Step::Relabel { replica, revision } | Step::Reconfigure { replica, revision } => {
                if let Some(replica) = self.find(&replica) {
                    (replica.revision, replica.delivery) = (revision, None);
                }
            }
            Step::Stop { replica } | Step::Forget { replica } => self.scene.replicas.retain(|r| r.id != replica),
            Step::Restart { replica } => {
                if let Some(replica) = self.find(&replica) {
                    (replica.observed, replica.delivery) = (Observed::Starting { since: now }, None);
                }
            }
        }
    }

    /// Moves on to the next moment at which something changes; false when there is none.
    fn advance(&mut self, until: Option<Timestamp>) -> bool {
        let (startup, drain) = (self.startup, self.drain);
        let due = |r: &Replica| match (r.intent, r.observed) {
            (Intent::Run, Observed::Starting { since }) => Some(since + startup),
            (Intent::Drain { since }, _) if !r.in_flight.is_none() => Some(since + drain),
            (Intent::Run, Observed::Ready { .. }) if !r.in_flight.is_none() => {
                r.delivery.map(|delivery| delivery.at + drain)
            }
            _ => None,
        };
        let by_replicas = self.scene.replicas.iter().filter_map(due).min();
        let Some(now) = by_replicas.into_iter().chain(until).min() else { return false };
        self.now = now.max(self.now);
        for replica in &mut self.scene.replicas {
            if due(replica).is_some_and(|at| at <= self.now) {
                match replica.intent {
                    Intent::Run if replica.observed.is_ready() => replica.in_flight = InFlight::Counted(0),
                    Intent::Run => replica.observed = Observed::Ready { since: self.now },
                    _ => replica.in_flight = InFlight::Counted(0),
                }
            }
        }
        true
    }

    fn frame(&self) -> Frame {
        let count = |revision, wanted: &dyn Fn(&Replica) -> bool| {
            self.scene.replicas.iter().filter(|r| r.revision == revision && wanted(r)).count() as u32
        };
        let serving = |r: &Replica| r.intent == Intent::Run && r.observed.is_ready() && r.delivery.is_none();
        let (old_ready, new_ready) = (count(OLD, &serving), count(NEW, &serving));
        Frame {
            at_ms: self.elapsed_ms(),
            old_ready,
            old_leaving: count(OLD, &|r| !serving(r)),
            new_starting: count(NEW, &|r| !serving(r)),
            new_ready,
            new_share_percent: (new_ready * 100).checked_div(old_ready + new_ready).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests;
