//! What the history tells: which entries are steps of the engine, which belong to which rollout, and which words find one.

use std::ops::ControlFlow;

use crate::deployment::Status;
use crate::event::{Entry, Event, EventKind};
use crate::id::{RolloutNumber, Seq};
use crate::rollout::RolloutEvent;

/// The most characters that may be searched for.
pub const MOST_SEARCHED: usize = 200;

impl EventKind {
    /// True for kinds of which every entry is a step of the engine.
    pub fn is_step(self) -> bool {
        matches!(
            self,
            Self::CheckMoved
                | Self::RolloutUnattended
                | Self::RolloutProgressed
                | Self::ReceiptClosed
                | Self::StepTaken
                | Self::ReplicaChanged
                | Self::ReplicaForgotten
                | Self::TargetUnseen
                | Self::TargetSeen
                | Self::Scaled
        )
    }
}

impl Entry {
    /// True for a step of the engine; anything else is what somebody did, or what came of it.
    pub fn is_step(&self) -> bool {
        match &self.event {
            Event::RolloutMoved { event, .. } => *event == RolloutEvent::Begin,
            Event::StatusChanged { status, .. } => *status != Status::Dead,
            // The end of the rollout tells it too.
            Event::RevisionQuarantined { .. } => self.actor.is_server(),
            event => event.kind().is_step(),
        }
    }
}

impl Event {
    /// True for the entry that begins a rollout, where `number` is that one or none in particular.
    fn begins(&self, wanted: impl Fn(RolloutNumber) -> bool) -> bool {
        matches!(self, Self::RolloutStarted { number, .. } if wanted(*number))
    }

    /// The same for the entry that ends one.
    fn ends(&self, wanted: impl Fn(RolloutNumber) -> bool) -> bool {
        matches!(self, Self::RolloutMoved { number, phase, .. } if !phase.is_active() && wanted(*number))
    }

    /// Words of people that its sentence leaves out.
    pub fn reasons(&self) -> String {
        let (reason, note) = match self {
            Self::RolloutStarted { change, .. } => (change.reason, change.note.clone()),
            Self::ChangeAsked { request } => {
                let plan = &request.current.content.plan;
                (plan.reason, plan.note.clone())
            }
            _ => (None, None),
        };
        let reason = reason.map(|reason| reason.as_str().replace('_', " ")).unwrap_or_default();
        format!("{reason} {}", note.unwrap_or_default())
    }
}

/// A rollout as it is put together from the entries about its deployment: from its start to its end nothing else rolls out
/// there, so steps in between that name no rollout belong to it too.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    number: RolloutNumber,
    /// What people did and what came of it, newest first.
    pub told: Vec<Entry>,
    /// Steps of the engine.
    pub steps: u64,
    /// The oldest entry that belongs to it.
    pub first: Seq,
    /// The newest one.
    pub last: Seq,
}

impl Story {
    /// What is known of a rollout when one of its entries is found: nothing but that.
    pub fn around(number: RolloutNumber, found: Seq) -> Self {
        Self { number, told: Vec::new(), steps: 0, first: found, last: found }
    }

    /// Takes the next older entry about the deployment, the one that was found first; breaks where the rollout begins.
    pub fn older(&mut self, entry: Entry) -> ControlFlow<()> {
        let number = self.number;
        if entry.event.begins(|other| other < number) || entry.event.ends(|other| other < number) {
            return ControlFlow::Break(());
        }
        let begins = entry.event.begins(|other| other == number);
        self.first = entry.seq;
        self.take(entry, false);
        if begins { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Takes the next newer entry about the deployment; breaks where the rollout ends.
    pub fn newer(&mut self, entry: Entry) -> ControlFlow<()> {
        let number = self.number;
        if entry.event.begins(|other| other > number) {
            return ControlFlow::Break(());
        }
        let ends = entry.event.ends(|other| other == number);
        self.last = entry.seq;
        self.take(entry, true);
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Takes an entry about the deployment of a kind of which every one is a step ([`EventKind::is_step`]).
    pub fn step(&mut self, seq: Seq) {
        self.steps += 1;
        self.first = self.first.min(seq);
        self.last = self.last.max(seq);
    }

    /// True for an entry that is known to end the rollout.
    pub fn is_ended_by(&self, entry: &Entry) -> bool {
        entry.event.ends(|other| other == self.number)
    }

    fn take(&mut self, entry: Entry, newer: bool) {
        if entry.is_step() {
            self.steps += 1;
        } else if entry.event.rollout() == Some(self.number) {
            let at = if newer { 0 } else { self.told.len() };
            self.told.insert(at, entry);
        }
    }
}

/// Words to search for, all of which are to be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchWords(Vec<String>);

impl SearchWords {
    /// The words of what somebody typed; upper and lower case are the same.
    pub fn of(typed: &str) -> Self {
        Self(typed.to_lowercase().split_whitespace().map(str::to_owned).collect())
    }

    /// True when nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when each of them stands somewhere in `texts`.
    pub fn stand_in(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.0.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(seq: u64, actor: &str, event: Value) -> Entry {
        let event = serde_json::from_value(event).unwrap();
        Entry {
            seq: Seq(seq),
            at: "2026-05-01T10:00:00Z".parse().unwrap(),
            actor: actor.parse().unwrap(),
            deployment: Some("d1".parse().unwrap()),
            event,
        }
    }

    fn started(number: u32) -> Value {
        json!({"kind": "rollout_started", "number": number, "to_revision": number, "plan_hash": "h", "supersedes": null,
            "configuration": "c1", "from_revision": null, "strategy": {}, "reason": "data_drift", "note": "Drifted in May"})
    }

    fn moved(number: u32, event: Value, phase: Value) -> Value {
        json!({"kind": "rollout_moved", "number": number, "event": event, "phase": phase, "problem": null,
            "receipt": crate::receipt::Receipt::default()})
    }

    fn step(rollout: Option<u32>) -> Value {
        json!({"kind": "step_taken", "rollout": rollout, "step": "wait", "replica": null, "reason": "why"})
    }

    #[test]
    fn steps_are_told_from_what_people_did_and_what_came_of_it() {
        let status = |status: &str| json!({"kind": "status_changed", "status": status, "error": null});
        let quarantined = json!({"kind": "revision_quarantined", "number": 2, "reason": "It crashes."});
        for (actor, event, is_step) in [
            ("local", started(1), false),
            ("changeover", moved(1, json!("begin"), json!("rolling")), true),
            ("changeover", moved(1, json!("settle"), json!("completed")), false),
            ("changeover", moved(1, json!({"fail": "cannot_run"}), json!({"reverting": "cannot_run"})), false),
            ("local", moved(1, json!("pause"), json!("paused")), false),
            ("changeover", step(Some(1)), true),
            ("changeover", status("running"), true),
            ("changeover", status("dead"), false),
            ("changeover", quarantined.clone(), true),
            ("local", quarantined, false),
            (
                "changeover",
                json!({"kind": "scaled", "from": 1, "to": 2, "in_flight": 3, "waiting": 0, "reason": "r"}),
                true,
            ),
            ("changeover", json!({"kind": "delete_requested", "note": "Its time was over."}), false),
            ("local", json!({"kind": "tokens_revoked"}), false),
        ] {
            assert_eq!(entry(1, actor, event.clone()).is_step(), is_step, "{actor} {event}");
        }
    }

    #[test]
    fn a_rollout_is_put_together_from_any_of_its_entries() {
        let journal = [
            started(1),
            moved(1, json!("begin"), json!("rolling")),
            step(Some(1)),
            moved(1, json!("supersede"), json!("superseded")),
            started(2),
            json!({"kind": "receipt_closed", "number": 1, "receipt": crate::receipt::Receipt::default()}),
            moved(2, json!("begin"), json!("rolling")),
            step(None),
            json!({"kind": "tokens_revoked"}),
            moved(2, json!("pause"), json!("paused")),
            moved(2, json!("resume"), json!("rolling")),
            json!({"kind": "status_changed", "status": "running", "error": null}),
            moved(2, json!("settle"), json!("completed")),
            json!({"kind": "status_changed", "status": "unknown", "error": null}),
            json!({"kind": "key_regenerated", "key": "primary"}),
            started(3),
        ];
        let journal: Vec<_> = (1_u64..).zip(journal).map(|(seq, event)| entry(seq, "changeover", event)).collect();
        for (number, found, told, steps, first, last) in [
            (1, 1, &[4, 1][..], 2, 1, 4),
            (1, 4, &[4, 1], 2, 1, 4),
            (2, 5, &[13, 11, 10, 5], 4, 5, 13),
            (2, 11, &[13, 11, 10, 5], 4, 5, 13),
            (2, 13, &[13, 11, 10, 5], 4, 5, 13),
            (3, 16, &[16], 0, 16, 16),
        ] {
            let at = found as usize - 1;
            let mut story = Story::around(RolloutNumber(number), Seq(found));
            let steps_apart = |story: &mut Story, entry: &Entry, newer: bool| match entry.event.kind().is_step() {
                true => {
                    story.step(entry.seq);
                    ControlFlow::Continue(())
                }
                false if newer => story.newer(entry.clone()),
                false => story.older(entry.clone()),
            };
            let _ = journal[..=at].iter().rev().try_for_each(|entry| steps_apart(&mut story, entry, false));
            if !story.is_ended_by(&journal[at]) {
                let _ = journal[at + 1..].iter().try_for_each(|entry| steps_apart(&mut story, entry, true));
            }
            let seqs: Vec<_> = story.told.iter().map(|entry| entry.seq.0).collect();
            assert_eq!((seqs.as_slice(), story.steps), (told, steps), "rollout {number} found at {found}");
            assert_eq!((story.first, story.last), (Seq(first), Seq(last)), "rollout {number} found at {found}");
        }
    }

    #[test]
    fn the_start_of_an_archived_rollout_is_not_looked_for_in_the_one_before() {
        let mut story = Story::around(RolloutNumber(2), Seq(9));
        let before = entry(8, "changeover", moved(1, json!("settle"), json!("completed")));
        assert_eq!(story.older(before), ControlFlow::Break(()));
        assert_eq!((story.first, story.told.len()), (Seq(9), 0));
    }

    #[test]
    fn all_words_are_found_in_any_case_and_place() {
        for (typed, found) in [
            ("", true),
            ("  ", true),
            ("IRIS", true),
            ("ada iris", true),
            ("a\u{df}e", true),
            ("ada rose", false),
            ("irisada", false),
        ] {
            assert_eq!(SearchWords::of(typed).stand_in(&["Iris", "Ada STRA\u{df}E"]), found, "{typed:?}");
        }
        assert_eq!(entry(1, "local", started(1)).event.reasons(), "data drift Drifted in May");
    }
}
