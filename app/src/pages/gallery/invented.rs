//! The invented times and numbers that the gallery shows.

use domain::id::RevisionNumber;
use domain::wire::{GaugePoint, MetricsGap, MetricsPoint, MetricsView};
use jiff::Timestamp;

/// Seconds since 1970 at which the gallery was drawn.
pub(super) const NOW: i64 = 1_796_000_400;
/// Months before that.
pub(super) const LONG_AGO: i64 = NOW - 90 * 86_400;
/// The seconds that charts show.
pub(super) const WINDOW: u32 = 900;

/// A moment by its seconds since 1970.
pub(super) fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// The requests of a quarter of an hour, in which revision 2 takes over from revision 1. `failing`: some of its requests
/// fail, and the server was down for two minutes.
pub(super) fn requests(failing: bool) -> MetricsView {
    let begin = NOW - i64::from(WINDOW);
    let mut view = MetricsView { step: 1, from: begin, to: NOW, ..MetricsView::default() };
    let down = |at: i64| failing && (begin + 200..begin + 320).contains(&at);
    for at in (begin + 1..=NOW).filter(|at| !down(*at)) {
        let share = u64::try_from((at - begin - 400).clamp(0, 200)).unwrap_or(0);
        let wave = u64::try_from(at % 30).unwrap_or(0);
        let failed = if failing { share / 20 } else { 0 };
        for (revision, requests, failed) in [(1, (200 - share) * 2 + wave, 0), (2, share * 2, failed)] {
            let point = MetricsPoint { at, revision: Some(RevisionNumber(revision)), requests, failed, ..slow(wave) };
            view.items.extend((requests > 0).then_some(point));
        }
        view.gauges.push(GaugePoint {
            at,
            ready: if share > 0 && share < 200 { 2 } else { 3 },
            waiting: u32::from(share == 100) * 8,
        });
    }
    view.gaps.extend(failing.then_some(MetricsGap { from: begin + 200, to: begin + 320 }));
    view
}

/// How long requests took.
fn slow(wave: u64) -> MetricsPoint {
    let wave = wave as f64;
    MetricsPoint {
        p50_ms: Some(8.0 + wave / 10.0),
        p95_ms: Some(18.0 + wave),
        p99_ms: Some(40.0 + 2.0 * wave),
        ..MetricsPoint::default()
    }
}
