//! The points of an answer in buckets, for each revision.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::RevisionNumber;
use domain::wire::{MetricsGap, MetricsPoint, MetricsView};

use super::buckets::{Buckets, Stretch};

/// As many revisions are told apart, the newest ones.
const TOLD_APART: usize = 4;

/// The requests of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    /// Requests that ended.
    pub(super) requests: u64,
    /// Those of them that failed.
    pub(super) failed: u64,
    /// The highest p50, p95 and p99 of its points, in milliseconds.
    pub(super) percentiles: [Option<f64>; 3],
}

/// The one who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// A revision older than those that are told apart.
    Older,
    /// A revision.
    Revision(RevisionNumber),
    /// No replica saw the request.
    NoReplica,
}

/// What one of them answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layer {
    /// The one who answered.
    pub(super) whose: Whose,
    /// Its requests in each bucket.
    pub(super) sums: Vec<Sum>,
}

/// What was seen of replicas and of waiting requests within one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gauged {
    /// Replicas that took requests: the fewest.
    pub(super) ready: u32,
    /// Requests that waited: the most.
    pub(super) waiting: u32,
}

/// A deployment's requests in whole buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gathered {
    /// The buckets.
    pub(crate) buckets: Buckets,
    /// The seconds of a point.
    pub(super) step: u32,
    /// The oldest revision first; what no replica saw comes last. Each has a request.
    pub(super) layers: Vec<Layer>,
    /// What was seen in each bucket; nothing while the server was down.
    pub(super) seen: Vec<Option<Gauged>>,
    /// The stretches in which something was counted.
    pub(super) stretches: Vec<Stretch>,
    /// The seconds of each bucket in which something was counted.
    pub(super) counted: Vec<i64>,
    /// The times at which nothing was counted, oldest first.
    pub(super) gaps: Vec<MetricsGap>,
    /// The times of which everything that was counted was cleared, oldest first.
    pub(super) cleared: Vec<MetricsGap>,
}

impl Gathered {
    /// Puts an answer about the last `window` seconds into buckets.
    pub(crate) fn of(view: &MetricsView, window: u32) -> Self {
        let buckets = Buckets::of(view, window);
        let (layers, seen) = (layers(view, buckets), seen(view, buckets));
        let (gaps, cleared) = (view.gaps.clone(), view.cleared.clone());
        let blank = Self { buckets, step: view.step, layers, seen, gaps, cleared, ..Self::default() };
        blank.counted()
    }

    /// With the stretches that are left of its buckets without gaps and without what was cleared.
    fn counted(self) -> Self {
        let mut missing = [&self.gaps[..], &self.cleared[..]].concat();
        missing.sort_by_key(|gap| (gap.from, gap.to));
        let stretches = self.buckets.stretches(&missing);
        let mut counted = vec![0; self.buckets.count];
        for stretch in &stretches {
            if let Some(seconds) = counted.get_mut(stretch.bucket) {
                *seconds += stretch.to - stretch.from;
            }
        }
        Self { stretches, counted, ..self }
    }

    /// The same for what was seen of replicas, of which nothing was cleared.
    pub(super) fn as_seen(&self) -> Self {
        let kept = Self { layers: Vec::new(), cleared: Vec::new(), ..self.clone() };
        kept.counted()
    }

    /// True when each bucket is one point, so that its percentiles are those of its requests.
    pub(super) fn is_exact(&self) -> bool {
        self.buckets.length == i64::from(self.step)
    }

    /// The seconds by which what was counted in a bucket is divided; nothing when nothing was counted.
    pub(super) fn seconds(&self, bucket: usize) -> Option<f64> {
        let counted = self.counted.get(bucket).copied().unwrap_or(0);
        (counted > 0).then_some(counted as f64)
    }

    /// All requests of a bucket. Its percentiles are nobody's, so there are none.
    pub(super) fn all(&self, bucket: usize) -> Sum {
        let mut all = Sum::default();
        for sum in self.layers.iter().filter_map(|layer| layer.sums.get(bucket)) {
            all.requests += sum.requests;
            all.failed += sum.failed;
        }
        all
    }

    /// True when there is a request in one of the buckets.
    pub(crate) fn has_requests(&self) -> bool {
        !self.layers.is_empty()
    }

    /// True when the server was down all the time, or what it counted was cleared.
    pub(crate) fn is_all_gap(&self) -> bool {
        self.buckets.count > 0 && self.stretches.is_empty()
    }

    /// True when something was cleared of its time.
    pub(crate) fn is_cleared(&self) -> bool {
        !self.cleared.is_empty()
    }

    /// True when a part of this bucket was cleared.
    pub(super) fn is_cleared_in(&self, bucket: usize) -> bool {
        let begin = self.buckets.from + i64::try_from(bucket).unwrap_or(0) * self.buckets.length;
        let end = begin + self.buckets.length;
        self.cleared.iter().any(|gap| gap.from < end && gap.to > begin)
    }
}

fn layers(view: &MetricsView, buckets: Buckets) -> Vec<Layer> {
    let inside = |point: &&MetricsPoint| point.requests > 0 && buckets.of_point(point.at).is_some();
    let numbers: BTreeSet<RevisionNumber> =
        view.items.iter().filter(inside).filter_map(|point| point.revision).collect();
    let told_apart: BTreeSet<_> = numbers.into_iter().rev().take(TOLD_APART).collect();
    let mut layers: BTreeMap<Whose, Vec<Sum>> = BTreeMap::new();
    for point in view.items.iter().filter(inside) {
        let whose = match point.revision {
            Some(number) if told_apart.contains(&number) => Whose::Revision(number),
            Some(_) => Whose::Older,
            None => Whose::NoReplica,
        };
        let sums = layers.entry(whose).or_insert_with(|| vec![Sum::default(); buckets.count]);
        if let Some(sum) = buckets.of_point(point.at).and_then(|bucket| sums.get_mut(bucket)) {
            sum.requests += point.requests;
            sum.failed += point.failed;
            for (highest, one) in sum.percentiles.iter_mut().zip([point.p50_ms, point.p95_ms, point.p99_ms]) {
                *highest = one.map(|one| highest.map_or(one, |highest| highest.max(one))).or(*highest);
            }
        }
    }
    layers.into_iter().map(|(whose, sums)| Layer { whose, sums }).collect()
}

fn seen(view: &MetricsView, buckets: Buckets) -> Vec<Option<Gauged>> {
    let mut seen: Vec<Option<Gauged>> = vec![None; buckets.count];
    for point in &view.gauges {
        if let Some(seen) = buckets.of_point(point.at).and_then(|bucket| seen.get_mut(bucket)) {
            let so_far = seen.unwrap_or(Gauged { ready: point.ready, waiting: point.waiting });
            *seen = Some(Gauged { ready: so_far.ready.min(point.ready), waiting: so_far.waiting.max(point.waiting) });
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use domain::wire::GaugePoint;

    use super::*;

    fn point(at: i64, revision: u32, requests: u64) -> MetricsPoint {
        MetricsPoint { at, revision: Some(RevisionNumber(revision)), requests, ..MetricsPoint::default() }
    }

    fn quarter_hour(items: Vec<MetricsPoint>) -> MetricsView {
        MetricsView { step: 1, from: 9_105, to: 10_005, items, ..MetricsView::default() }
    }

    #[test]
    fn every_request_of_a_whole_bucket_is_counted_once() {
        let items = (9_106..=10_005).flat_map(|at| [point(at, 1, 30), point(at, 2, 10)]).collect();
        let gathered = Gathered::of(&quarter_hour(items), 900);
        assert_eq!((gathered.buckets.from, gathered.buckets.end(), gathered.buckets.count), (9_110, 10_000, 89));
        for bucket in 0..89 {
            assert_eq!((gathered.all(bucket).requests, gathered.seconds(bucket)), (400, Some(10.0)));
        }
    }

    #[test]
    fn the_oldest_of_many_revisions_are_one() {
        let mut items: Vec<_> = (1..=6).map(|number| point(9_200, number, u64::from(number))).collect();
        items.push(MetricsPoint { at: 9_200, requests: 9, failed: 9, ..MetricsPoint::default() });
        items.push(point(10_003, 7, 1));
        let gathered = Gathered::of(&quarter_hour(items), 900);
        let revision = |number| Whose::Revision(RevisionNumber(number));
        let whose: Vec<_> = gathered.layers.iter().map(|layer| layer.whose).collect();
        assert_eq!(whose, [Whose::Older, revision(3), revision(4), revision(5), revision(6), Whose::NoReplica]);
        let bucket = gathered.buckets.of_point(9_200).unwrap();
        assert_eq!(gathered.layers[0].sums[bucket].requests, 3);
        assert_eq!((gathered.all(bucket).requests, gathered.all(bucket).failed), (30, 9));
    }

    #[test]
    fn the_highest_of_the_percentiles_stays() {
        let slow = |at, p95| MetricsPoint { p95_ms: p95, ..point(at, 1, 1) };
        let items = vec![slow(9_111, Some(8.0)), slow(9_115, Some(80.0)), slow(9_119, None)];
        let gathered = Gathered::of(&quarter_hour(items), 900);
        assert_eq!(gathered.layers[0].sums[0].percentiles, [None, Some(80.0), None]);
        assert!(!gathered.is_exact());
    }

    #[test]
    fn the_fewest_replicas_and_the_most_waiting_requests_stay() {
        let gauges = [(9_111, 3, 0), (9_112, 1, 4), (9_113, 2, 9), (9_300, 5, 0)];
        let gauges = gauges.map(|(at, ready, waiting)| GaugePoint { at, ready, waiting }).to_vec();
        let gathered = Gathered::of(&MetricsView { gauges, ..quarter_hour(Vec::new()) }, 900);
        assert_eq!(gathered.seen[0], Some(Gauged { ready: 1, waiting: 9 }));
        assert_eq!(gathered.seen[1], None);
        assert!(!gathered.has_requests() && !gathered.is_all_gap());
    }

    #[test]
    fn what_was_cleared_is_a_gap_of_requests_and_not_of_replicas() {
        let gap = |from, to| MetricsGap { from, to };
        let (gaps, cleared) = (vec![gap(9_150, 9_160)], vec![gap(9_114, 9_130), gap(9_155, 9_170)]);
        let gathered = Gathered::of(&MetricsView { gaps, cleared, ..quarter_hour(vec![point(9_112, 1, 4)]) }, 900);
        let seconds = [0, 1, 2, 4, 5, 6].map(|bucket| gathered.seconds(bucket));
        assert_eq!(seconds, [Some(4.0), None, Some(10.0), None, None, Some(10.0)]);
        assert_eq!([0, 1, 2, 5].map(|bucket| gathered.is_cleared_in(bucket)), [true, true, false, true]);
        let seen = gathered.as_seen();
        assert_eq!(
            ([0, 4, 5].map(|bucket| seen.seconds(bucket)), seen.is_cleared()),
            ([Some(10.0), None, Some(10.0)], false)
        );
    }

    #[test]
    fn a_gap_takes_its_seconds_away() {
        let gaps = vec![MetricsGap { from: 9_114, to: 9_130 }];
        let gathered = Gathered::of(&MetricsView { gaps, ..quarter_hour(vec![point(9_112, 1, 40)]) }, 900);
        assert_eq!((gathered.seconds(0), gathered.seconds(1), gathered.seconds(2)), (Some(4.0), None, Some(10.0)));
        let gaps = vec![MetricsGap { from: 0, to: 20_000 }];
        assert!(Gathered::of(&MetricsView { gaps, ..quarter_hour(Vec::new()) }, 900).is_all_gap());
    }
}
