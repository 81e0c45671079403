//! What is read of a deployment: its rows, and what has been counted since they were written.

use std::collections::BTreeMap;

use domain::id::{DeploymentId, RevisionNumber};
use domain::metrics::{Gauge, GaugeTrack, Grain, KeptSpan, RequestSum};
use rusqlite::Connection;

use super::error::MetricsError;
use super::rows;
use super::waiting::State;

/// The last hour of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastHour {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The seconds of its last minute that had requests, by their end, oldest first.
    pub minute: Vec<(i64, RequestSum)>,
    /// Numbers of requests within the last hour, with the ends of their times, oldest first.
    pub hour: Vec<(i64, u64)>,
}

/// Reads the last hour before `now`.
pub(super) fn last_hour(db: &Connection, id: &DeploymentId, number: i64, now: i64) -> Result<LastHour, MetricsError> {
    let mut minute: BTreeMap<_, RequestSum> = BTreeMap::new();
    for ((at, _), sum) in rows::points(db, Grain::Second, number, now - 60, now)? {
        minute.entry(at).or_default().add(&sum);
    }
    let mut hour: BTreeMap<i64, u64> = BTreeMap::new();
    for ((at, _), sum) in rows::points(db, Grain::Minute, number, now - 3_600, Grain::Minute.end_of(now))? {
        // The running minute has come as far as this.
        *hour.entry(at.min(now)).or_default() += sum.durations.requests();
    }
    Ok(LastHour { deployment: id.clone(), minute: minute.into_iter().collect(), hour: hour.into_iter().collect() })
}

/// What is known of a deployment's gauge when the second that ends at `until` is the last that was counted.
pub(super) fn track(db: &Connection, number: i64, until: i64) -> Result<GaugeTrack, MetricsError> {
    let mut newest = [None; 3];
    for (grain, newest) in Grain::ALL.into_iter().zip(&mut newest) {
        *newest = rows::newest_gauge(db, grain, number)?.map(|(_, gauge)| gauge);
    }
    Ok(GaugeTrack::from_rows(newest, until))
}

/// What is kept of a deployment for points of one length.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Requests by the end of their point and the revision that answered.
    pub(super) points: BTreeMap<(i64, Option<RevisionNumber>), RequestSum>,
    /// What was seen from a point on.
    pub(super) gauges: Vec<(i64, Gauge)>,
    /// The times at which requests were counted.
    pub(super) spans: Vec<KeptSpan>,
    /// Times of which everything was cleared.
    pub(super) cleared: Vec<(i64, i64)>,
}

impl Kept {
    /// Everything that concerns the points that end after `from` and not after `to`, with what waits to be written.
    pub(super) fn read(
        db: Option<&Connection>,
        waiting: &State,
        id: &DeploymentId,
        grain: Grain,
        (from, to): (i64, i64),
    ) -> Result<Self, MetricsError> {
        let mut kept = Self::default();
        let (mut track, mut last) = (GaugeTrack::from_rows([None; 3], from), None);
        if let Some(db) = db {
            kept.spans = rows::spans(db, from)?;
            last = rows::last_span(db)?;
            if let Some(number) = rows::number_of(db, id)? {
                kept.points = rows::points(db, grain, number, from, to)?;
                kept.gauges = rows::gauges(db, grain, number, from, to)?;
                kept.cleared = rows::cleared(db, number, from, to)?;
                track = self::track(db, number, last.map_or(from, |span| span.until))?;
            }
        }
        kept.add(waiting, id, grain, (from, to), &mut track, last);
        Ok(kept)
    }

    fn add(
        &mut self,
        waiting: &State,
        id: &DeploymentId,
        grain: Grain,
        (from, to): (i64, i64),
        track: &mut GaugeTrack,
        mut last: Option<KeptSpan>,
    ) {
        let written = last.map(|span| span.until);
        let mut rows: BTreeMap<i64, Gauge> = std::mem::take(&mut self.gauges).into_iter().collect();
        let mut goes_on = waiting.goes_on;
        // Those that were written meanwhile are in the rows.
        for second in waiting.seconds.iter().filter(|second| written.is_none_or(|written| second.at > written)) {
            let before = last.map_or(second.at - 1, |span| span.until);
            let longer = last.and_then(|span| span.with(second.at, goes_on));
            if longer.is_some() {
                self.spans.pop();
            }
            let span = longer.unwrap_or(KeptSpan::of(second.at));
            self.spans.push(span);
            (last, goes_on) = (Some(span), true);
            let end = grain.end_of(second.at);
            for (_, revision, sum) in second.requests.iter().filter(|(own, ..)| own == id && from < end && end <= to) {
                self.points.entry((end, *revision)).or_default().add(sum);
            }
            let seen = second.gauges.iter().find(|(own, _)| own == id).map(|(_, gauge)| *gauge);
            if let Some(now) = seen.or(track.now()) {
                track.see(now, second.at, before, |of, end, said| {
                    if of == grain {
                        rows.insert(end, said);
                    }
                });
            }
        }
        self.gauges = rows.into_iter().filter(|(at, _)| *at <= to).collect();
    }
}
