//! Observations of replicas that are not in the journal yet: because nothing can be written, or because a replica comes
//! and goes so often that its changes are summed up.
//!
//! Whoever plans, routes or shows goes by what was seen. What recovery needs is never held back: that something is about
//! to be touched, which process was started, how often. A server that is killed looks again at the replicas themselves.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::ReplicaId;
use domain::replica::ReplicaRecord;
use jiff::{SignedDuration, Timestamp};

/// The number of changes of a replica that are recorded one by one.
const BURST: u32 = 30;
/// After that, the time between two entries; each sums up the changes since the one before.
const EACH: SignedDuration = SignedDuration::from_secs(60);

/// The observation that is kept of one replica.
struct Kept {
    /// The last observation, while it is not recorded.
    record: Option<ReplicaRecord>,
    /// True once recording was tried, or the observation is summed up: from then on it counts as it is.
    settled: bool,
    /// The number of journal entries that the replica may still cause at once.
    left: u32,
    /// The time from which the next such entry is being earned.
    since: Timestamp,
}

/// One observation for each replica that has changed.
#[derive(Default)]
pub(super) struct Unrecorded(Mutex<HashMap<ReplicaId, Kept>>);

impl Unrecorded {
    fn kept(&self) -> MutexGuard<'_, HashMap<ReplicaId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last observation of a replica, if it is not recorded.
    pub(super) fn of(&self, id: &ReplicaId) -> Option<ReplicaRecord> {
        self.kept().get(id)?.record.clone()
    }

    /// Notes an observation.
    pub(super) fn note(&self, record: &ReplicaRecord, now: Timestamp) {
        let mut kept = self.kept();
        let entry = kept.entry(record.id.clone());
        let kept = entry.or_insert(Kept { record: None, settled: false, left: BURST, since: now });
        (kept.record, kept.settled) = (Some(record.clone()), false);
    }

    /// The noted observation of a replica counts from now on, recorded or not.
    pub(super) fn settle(&self, id: &ReplicaId) {
        if let Some(kept) = self.kept().get_mut(id) {
            kept.settled = true;
        }
    }

    /// True when the replica is noted as ready, and the note counts.
    pub(super) fn is_ready(&self, id: &ReplicaId) -> bool {
        let kept = self.kept();
        let settled = kept.get(id).filter(|kept| kept.settled);
        settled.and_then(|kept| kept.record.as_ref()).is_some_and(|record| record.observed.is_ready())
    }

    /// The time at which the noted observation of a replica may be recorded: now, or a time to come.
    pub(super) fn due(&self, id: &ReplicaId, now: Timestamp) -> Timestamp {
        let mut kept = self.kept();
        let Some(kept) = kept.get_mut(id) else { return now };
        // A clock that was set back earns nothing, and takes nothing away.
        while kept.left < BURST && now.duration_since(kept.since) >= EACH {
            kept.left += 1;
            kept.since += EACH;
        }
        if kept.left == BURST || now < kept.since {
            kept.since = now;
        }
        if kept.left > 0 { now } else { kept.since + EACH }
    }

    /// The noted observation of a replica is recorded now; `counts` when that was an entry of its own.
    pub(super) fn recorded(&self, record: &ReplicaRecord, counts: bool) {
        if let Some(kept) = self.kept().get_mut(&record.id) {
            if counts {
                kept.left = kept.left.saturating_sub(1);
            }
            // Something else may have been seen meanwhile.
            kept.record.take_if(|noted| !counts || noted == record);
        }
    }

    /// Strikes out what is noted of a replica: a step has come to something else.
    pub(super) fn replaced(&self, id: &ReplicaId) {
        if let Some(kept) = self.kept().get_mut(id) {
            kept.record = None;
        }
    }

    pub(super) fn forget(&self, id: &ReplicaId) {
        self.kept().remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::replica::Observed;

    fn record(observed: Observed) -> ReplicaRecord {
        let (id, revision) = ("r-1".parse().unwrap(), domain::id::RevisionNumber(1));
        ReplicaRecord { observed, ..ReplicaRecord::new(id, revision, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn a_replica_that_comes_and_goes_has_an_entry_a_minute() {
        let unrecorded = Unrecorded::default();
        let id: ReplicaId = "r-1".parse().unwrap();
        let mut now = Timestamp::UNIX_EPOCH;
        let mut entries = 0;
        for second in 0..600 {
            now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
            let seen = record(Observed::Ready { since: now });
            unrecorded.note(&seen, now);
            if unrecorded.due(&id, now) <= now {
                unrecorded.recorded(&seen, true);
                entries += 1;
            } else {
                assert_eq!(unrecorded.of(&id), Some(seen), "it is gone by all the same");
            }
        }
        assert_eq!(entries, 30 + 9, "thirty at once, then one a minute");
        let next = unrecorded.due(&id, now);
        assert!(next > now && next <= now + EACH);
        // A quiet while later there are thirty again.
        now += SignedDuration::from_secs(3_600);
        for _ in 0..30 {
            assert_eq!(unrecorded.due(&id, now), now);
            unrecorded.recorded(&record(Observed::Unknown), true);
        }
        assert!(unrecorded.due(&id, now) > now);
        assert!(unrecorded.due(&id, now - SignedDuration::from_secs(9_999)) > now - SignedDuration::from_secs(9_999));
    }

    #[test]
    fn what_was_seen_while_another_thing_was_written_stays_noted() {
        let unrecorded = Unrecorded::default();
        let (first, second) = (record(Observed::Unknown), record(Observed::Absent));
        unrecorded.note(&first, Timestamp::UNIX_EPOCH);
        unrecorded.note(&second, Timestamp::UNIX_EPOCH);
        unrecorded.recorded(&first, true);
        assert_eq!(unrecorded.of(&first.id), Some(second.clone()));
        unrecorded.recorded(&second, true);
        assert_eq!(unrecorded.of(&first.id), None);
    }
}
