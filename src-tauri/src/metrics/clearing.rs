//! Removes what somebody has cleared: whole points go, and those that are cleared only partly are made anew from the shorter
//! ones that are left.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::{Entry, Event};
use domain::id::{DeploymentId, RevisionNumber, Seq};
use domain::metrics::{ClearedTime, Grain, RequestSum};
use rusqlite::Connection;

use super::error::MetricsError;
use super::rows;

/// A clearing, as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clearing {
    /// Its place in the journal.
    pub(super) seq: Seq,
    /// The deployment.
    pub(super) deployment: DeploymentId,
    /// The revisions; none for all, and for requests that no replica saw.
    revisions: Option<BTreeSet<RevisionNumber>>,
    /// The time.
    pub(super) time: ClearedTime,
}

impl Clearing {
    /// That of an entry; none of one that is about something else.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let Event::StatisticsCleared { revisions, from, to, .. } = &entry.event else { return None };
        // As it was rounded then; a part of a second counts with the second.
        let end = to.as_second() + i64::from(to.subsec_nanosecond() > 0);
        Some(Self {
            seq: entry.seq,
            deployment: entry.deployment.clone()?,
            revisions: revisions.clone(),
            time: ClearedTime { from: from.map(|from| from.as_second()), to: end },
        })
    }

    fn concerns(&self, revision: Option<RevisionNumber>) -> bool {
        match (&self.revisions, revision) {
            (None, _) => true,
            (Some(revisions), Some(revision)) => revisions.contains(&revision),
            (Some(_), None) => false,
        }
    }

    /// Removes what it clears of the deployment of this number, at `now`. All that was counted before its end is written.
    pub(super) fn apply(&self, db: &Connection, number: i64, now: i64) -> Result<(), MetricsError> {
        // The shortest first: the longer ones are made of them.
        for grain in Grain::ALL {
            let (after, until) = self.time.whole(grain);
            self.remove(db, grain, number, after, until)?;
            let Some(finer) = grain.finer() else { continue };
            for end in self.time.partly(grain) {
                let begin = end - grain.seconds();
                // A clearing that was not carried out for so long finds the shorter ones gone.
                if begin >= finer.too_old(now) {
                    self.remake(db, (grain, finer), number, (begin, end))?;
                }
            }
        }
        if self.revisions.is_none() {
            rows::put_cleared(db, number, self.seq, self.time)?;
        }
        Ok(())
    }

    fn remove(&self, db: &Connection, grain: Grain, number: i64, after: i64, until: i64) -> Result<(), MetricsError> {
        match &self.revisions {
            None => rows::remove_points(db, grain, number, after, until, None),
            Some(revisions) => revisions
                .iter()
                .try_for_each(|revision| rows::remove_points(db, grain, number, after, until, Some(*revision))),
        }
    }

    fn remake(
        &self,
        db: &Connection,
        (grain, finer): (Grain, Grain),
        number: i64,
        (begin, end): (i64, i64),
    ) -> Result<(), MetricsError> {
        let mut sums: BTreeMap<Option<RevisionNumber>, RequestSum> = BTreeMap::new();
        for ((_, revision), sum) in rows::points(db, finer, number, begin, end)? {
            if self.concerns(revision) {
                sums.entry(revision).or_default().add(&sum);
            }
        }
        self.remove(db, grain, number, begin, end)?;
        sums.into_iter().try_for_each(|(revision, sum)| rows::add_point(db, (grain, number, end, revision), sum))
    }
}
