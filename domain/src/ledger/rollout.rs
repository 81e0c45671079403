//! Rollouts as the journal has made them, and what an entry does to them: where each stands, what its deadlines are
//! measured from, and what the gateway counted meanwhile.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::event::{Entry, Event};
use crate::id::{Actor, RevisionNumber, RolloutNumber};
use crate::receipt::Receipt;
use crate::requested::Warrant;
use crate::rollout::{Marks, Phase, RolloutEvent};

/// Rollouts of one deployment.
pub type Rollouts = BTreeMap<RolloutNumber, Rollout>;

/// One rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// Numbers the rollouts of a deployment.
    pub number: RolloutNumber,
    /// The revision that it leads to.
    pub to_revision: RevisionNumber,
    /// The change that it carries out.
    #[serde(flatten)]
    pub change: Change,
    /// The hash of its exact plan.
    pub plan_hash: String,
    /// The right by which it was started.
    #[serde(default)]
    pub warrant: Warrant,
    /// The phase that it has come to.
    pub phase: Phase,
    /// The marks that its deadlines are measured from.
    pub marks: Marks,
    /// The time at which it was paused, while it is.
    pub paused_at: Option<Timestamp>,
    /// The person who asked for it.
    pub actor: Actor,
    /// The time at which it was asked for.
    pub started_at: Timestamp,
    /// The time at which it ended.
    pub ended_at: Option<Timestamp>,
    /// The problem that it failed with, a sentence for people.
    pub error: Option<String>,
    /// The gateway's count, as last recorded.
    pub receipt: Receipt,
}

impl Rollout {
    /// True while its deadlines come nearer: it is not over, nobody has paused it, and its clock does not stand. Before it
    /// has begun, the total deadline comes nearer.
    pub fn clock_runs(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Rolling | Phase::Reverting(_)) && self.marks.stands_since.is_none()
    }
}

/// Enters `entry`.
pub(super) fn enter(rollouts: &mut Rollouts, entry: &Entry) {
    if let Some(rollout) = Rollout::started(entry) {
        rollouts.insert(rollout.number, rollout);
    } else if let Some(rollout) = entry.event.rollout().and_then(|number| rollouts.get_mut(&number)) {
        rollout.enter(entry);
    }
}

impl Rollout {
    /// The rollout that `entry` starts, if it starts one.
    fn started(entry: &Entry) -> Option<Self> {
        let Event::RolloutStarted { number, to_revision, plan_hash, warrant, change, .. } = &entry.event else {
            return None;
        };
        Some(Self {
            number: *number,
            to_revision: *to_revision,
            change: change.as_ref().clone(),
            plan_hash: plan_hash.clone(),
            warrant: warrant.clone(),
            phase: Phase::Pending,
            marks: Marks::new(entry.at),
            paused_at: None,
            actor: entry.actor.clone(),
            started_at: entry.at,
            ended_at: None,
            error: None,
            receipt: Receipt::default(),
        })
    }

    /// Enters an entry about it.
    fn enter(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::RolloutMoved { event, phase, problem, receipt, .. } => {
                self.marks = self.marks.running(at);
                self.moved(*event, at);
                self.phase = *phase;
                self.receipt = receipt.clone();
                if problem.is_some() {
                    self.error.clone_from(problem);
                }
                if !phase.is_active() {
                    self.ended_at = Some(at);
                }
            }
            Event::RolloutProgressed { available, receipt, .. } => {
                self.marks = Marks { best: *available, progress_at: at, ..self.marks.running(at) };
                self.receipt = receipt.clone();
            }
            Event::StepTaken { stands, .. } => {
                self.marks = if *stands { self.marks.standing(at) } else { self.marks.running(at) };
            }
            Event::TargetUnseen { .. } if self.clock_runs() => self.marks = self.marks.standing(at),
            Event::TargetSeen { .. } => self.marks = self.marks.running(at),
            Event::RolloutUnattended { since, .. } => self.marks = self.marks.without(*since, at),
            Event::ReceiptClosed { receipt, .. } => self.receipt = receipt.clone(),
            _ => {}
        }
    }

    /// Sets the marks that the deadlines are measured from.
    fn moved(&mut self, event: RolloutEvent, at: Timestamp) {
        match event {
            RolloutEvent::Pause => self.paused_at = Some(at),
            RolloutEvent::Begin => self.marks.progress_at = at,
            RolloutEvent::Resume => {
                if let Some(paused_at) = self.paused_at.take() {
                    self.marks.started_at += at.duration_since(paused_at);
                }
                self.marks.progress_at = at;
            }
            RolloutEvent::Cancel | RolloutEvent::Fail(_) => {
                self.paused_at = None;
                (self.marks.progress_at, self.marks.best) = (at, 0);
            }
            RolloutEvent::Settle | RolloutEvent::Supersede | RolloutEvent::Stop(_) | RolloutEvent::Die(_) => {}
        }
    }
}
