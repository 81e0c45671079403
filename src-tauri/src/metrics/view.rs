//! What is answered to whoever asks for a deployment's metrics.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use domain::id::{DeploymentId, RevisionNumber};
use domain::metrics::{Grain, RequestSum, gaps, held, was_kept};
use domain::wire::{GaugePoint, MetricsGap, MetricsPoint, MetricsTotal, MetricsView};

use super::error::MetricsError;
use super::file;
use super::reading::Kept;
use super::waiting::Waiting;
use crate::clock::Clock;

/// What somebody wants to know of a deployment's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsQuestion {
    /// Seconds back from now: 1 to [`Grain::LONGEST_WINDOW`].
    pub window: u32,
    /// Revisions are told apart.
    pub by_revision: bool,
}

/// Reads what is kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub(super) dir: PathBuf,
    pub(super) waiting: Arc<Waiting>,
    pub(super) clock: Clock,
}

impl Metrics {
    /// Answers with what is kept of a deployment; with nothing of one of which nothing is. Reads the database.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn view(&self, id: &DeploymentId, question: MetricsQuestion) -> Result<MetricsView, MetricsError> {
        let answer = self.answer(id, question);
        if answer.as_ref().is_err_and(MetricsError::is_of_the_file) {
            self.waiting.note_damage();
        }
        answer
    }

    fn answer(&self, id: &DeploymentId, question: MetricsQuestion) -> Result<MetricsView, MetricsError> {
        // Before the rows: what is written in between is in them, and is not counted twice.
        let waiting = self.waiting.now();
        let grain = Grain::for_window(question.window);
        let now = waiting.last.unwrap_or_else(|| self.clock.now().as_second());
        let times = grain.around(question.window, now);
        let mut connection = file::open_to_read(&self.dir)?;
        let tx = connection.as_mut().map(|connection| connection.transaction()).transpose()?;
        let kept = Kept::read(tx.as_deref(), &waiting, id, grain, times)?;
        Ok(view(&kept, grain, times, question.by_revision))
    }
}

fn view(kept: &Kept, grain: Grain, (from, to): (i64, i64), by_revision: bool) -> MetricsView {
    let items = match by_revision {
        true => kept.points.iter().map(|((at, revision), sum)| point(*at, *revision, sum)).collect(),
        false => {
            let mut sums: BTreeMap<i64, RequestSum> = BTreeMap::new();
            kept.points.iter().for_each(|((at, _), sum)| sums.entry(*at).or_default().add(sum));
            sums.iter().map(|(at, sum)| point(*at, None, sum)).collect()
        }
    };
    let mut totals: BTreeMap<Option<RevisionNumber>, RequestSum> = BTreeMap::new();
    kept.points.iter().for_each(|((_, revision), sum)| totals.entry(*revision).or_default().add(sum));
    let gauges = held(&kept.gauges, grain, from, to).into_iter();
    let gauges = gauges.filter(|(at, _)| was_kept(&kept.spans, grain, *at));
    let gaps = gaps(&kept.spans, grain, from, to).into_iter();
    MetricsView {
        step: grain.seconds().unsigned_abs() as u32,
        from,
        to,
        items,
        gauges: gauges.map(|(at, seen)| GaugePoint { at, ready: seen.ready, waiting: seen.waiting }).collect(),
        gaps: gaps.map(|(from, to)| MetricsGap { from, to }).collect(),
        cleared: kept.cleared.iter().map(|(from, to)| MetricsGap { from: *from, to: *to }).collect(),
        totals: totals.iter().map(|(revision, sum)| total(*revision, sum)).collect(),
    }
}

fn total(revision: Option<RevisionNumber>, sum: &RequestSum) -> MetricsTotal {
    let MetricsPoint { requests, failed, p50_ms, p95_ms, p99_ms, .. } = point(0, revision, sum);
    MetricsTotal { revision, requests, failed, p50_ms, p95_ms, p99_ms, durations: sum.durations.counts().collect() }
}

fn point(at: i64, revision: Option<RevisionNumber>, sum: &RequestSum) -> MetricsPoint {
    let told = |share| sum.durations.percentile_ms(share);
    MetricsPoint {
        at,
        revision,
        requests: sum.durations.requests(),
        failed: sum.failed,
        p50_ms: told(0.50),
        p95_ms: told(0.95),
        p99_ms: told(0.99),
    }
}
