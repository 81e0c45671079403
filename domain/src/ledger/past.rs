//! What is remembered of a replica, also when it is gone: whoever reads its output wants to know which revision wrote it, and
//! why it ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::{Entry, Event};
use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::{Intent, Observed, ReplicaRecord};

/// A replica that is there or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaPast {
    /// The identifier of the replica.
    pub id: ReplicaId,
    /// The revisions that it counted to, oldest first, each since when.
    pub revisions: Vec<RevisionSince>,
    /// What is wrong with it while it is meant to run, or was when it was told to end.
    #[serde(default)]
    pub problem: Option<String>,
    /// When it was gone; none while it is there.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

/// A revision that a replica counted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionSince {
    /// Since when.
    pub since: Timestamp,
    /// Its number.
    pub revision: RevisionNumber,
}

impl ReplicaPast {
    /// A replica of which no more is known than its record.
    pub fn of(record: &ReplicaRecord) -> Self {
        let revisions = vec![RevisionSince { since: record.started_at, revision: record.revision }];
        Self { id: record.id.clone(), revisions, problem: problem_of(record, None), ended_at: None }
    }

    /// The replica that an entry is about.
    pub fn told(event: &Event) -> Option<&ReplicaId> {
        match event {
            Event::ReplicaChanged { replica } => Some(&replica.id),
            Event::ReplicaForgotten { id } => Some(id),
            _ => None,
        }
    }

    /// What is remembered after `entry`; none where the entry tells nothing of a replica that is known.
    pub fn after(before: Option<Self>, entry: &Entry) -> Option<Self> {
        match &entry.event {
            Event::ReplicaChanged { replica } => {
                let Some(mut past) = before else {
                    let revision = RevisionSince { since: entry.at, revision: replica.revision };
                    return Some(Self { revisions: vec![revision], ..Self::of(replica) });
                };
                if past.revisions.last().is_none_or(|last| last.revision != replica.revision) {
                    past.revisions.push(RevisionSince { since: entry.at, revision: replica.revision });
                }
                past.problem = problem_of(replica, past.problem);
                Some(past)
            }
            Event::ReplicaForgotten { .. } => before.map(|past| Self { ended_at: Some(entry.at), ..past }),
            _ => before,
        }
    }

    /// The revision that it counted to at a time, or last.
    pub fn revision_at(&self, at: Option<Timestamp>) -> Option<RevisionNumber> {
        let begun = |known: &&RevisionSince| at.is_none_or(|at| known.since <= at);
        let found = self.revisions.iter().rev().find(begun).or(self.revisions.first());
        found.map(|known| known.revision)
    }
}

/// What is wrong with a replica that is meant to run; of one that was told to end what was wrong before.
fn problem_of(record: &ReplicaRecord, before: Option<String>) -> Option<String> {
    match (record.intent, record.observed) {
        (Intent::Drain { .. } | Intent::Stop { .. }, _) => before,
        (Intent::Run, Observed::Ready { .. }) => None,
        (Intent::Run, _) => record.problem.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Actor, Seq};

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn entry(second: i64, event: Event) -> Entry {
        Entry { seq: Seq(1), at: time(second), actor: Actor::server(), deployment: None, event }
    }

    /// The replica with this revision, intent and observation, and with a problem.
    fn changed(revision: u32, intent: Intent, observed: Observed, problem: Option<&str>) -> Event {
        let new = ReplicaRecord::new("r-1".parse().unwrap(), RevisionNumber(revision), time(0));
        let replica = ReplicaRecord { intent, observed, problem: problem.map(str::to_owned), ..new };
        Event::ReplicaChanged { replica }
    }

    fn past(events: Vec<Event>) -> Option<ReplicaPast> {
        let entries = events.into_iter().zip(1..).map(|(event, second)| entry(second, event));
        entries.fold(None, |past, entry| ReplicaPast::after(past, &entry))
    }

    fn gone() -> Event {
        Event::ReplicaForgotten { id: "r-1".parse().unwrap() }
    }

    #[test]
    fn one_that_failed_ends_with_its_problem() {
        let starting = Observed::Starting { since: time(1) };
        let exited = Observed::Exited { at: time(2) };
        let stop = Intent::Stop { since: time(3) };
        let past = past(vec![
            changed(2, Intent::Run, starting, None),
            changed(2, Intent::Run, exited, Some("no operator")),
            changed(2, stop, exited, Some("no operator; and later words")),
            gone(),
        ]);
        let past = past.unwrap();
        assert_eq!((past.problem.as_deref(), past.ended_at), (Some("no operator"), Some(time(4))));
        assert_eq!(past.revision_at(None), Some(RevisionNumber(2)));
    }

    #[test]
    fn one_that_was_well_ends_without_a_problem() {
        let ready = Observed::Ready { since: time(1) };
        let stop = Intent::Stop { since: time(3) };
        let past = past(vec![
            changed(1, Intent::Run, Observed::Exited { at: time(1) }, Some("it was killed")),
            changed(1, Intent::Run, ready, Some("it was killed")),
            changed(1, stop, ready, Some("it was killed")),
            gone(),
        ]);
        assert_eq!(past.unwrap().problem, None);
    }

    #[test]
    fn a_line_belongs_to_the_revision_of_its_time() {
        let ready = Observed::Ready { since: time(1) };
        let kept = |revision| changed(revision, Intent::Run, ready, None);
        let past = past(vec![kept(1), kept(1), kept(4)]).unwrap();
        for (at, revision) in [(Some(0), 1), (Some(2), 1), (Some(3), 4), (Some(9), 4), (None, 4)] {
            assert_eq!(past.revision_at(at.map(time)), Some(RevisionNumber(revision)), "{at:?}");
        }
    }

    #[test]
    fn nothing_is_remembered_of_one_that_was_never_told_of() {
        assert_eq!(past(vec![gone()]), None);
        assert_eq!(past(vec![Event::TokensRevoked {}]), None);
    }
}
