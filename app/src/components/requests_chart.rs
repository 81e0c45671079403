//! Requests over time, with the failed ones and the rollouts marked.

use domain::wire::MetricsPoint;
use jiff::Timestamp;
use leptos::prelude::*;

use crate::words::{numbers, times};

/// Columns that seconds are gathered into.
const BUCKETS: usize = 120;
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

/// A rollout's time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// When it began.
    pub(crate) from: i64,
    /// When it ended.
    pub(crate) to: i64,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    requests: u64,
    failed: u64,
    p95: Option<f64>,
}

/// Draws `points` of the last `window` seconds before `end`.
#[component]
pub(crate) fn RequestsChart(points: Vec<MetricsPoint>, spans: Vec<Span>, end: i64, window: i64) -> impl IntoView {
    let buckets = gathered(&points, end, window);
    let seconds = window as f64 / BUCKETS as f64;
    let rate = |bucket: &Bucket| bucket.requests as f64 / seconds;
    let highest = buckets.iter().map(rate).fold(0.0, f64::max);
    let failing = buckets.iter().map(|bucket| bucket.failed as f64 / seconds).fold(0.0, f64::max);
    let top = rounded_up(highest.max(failing));
    let latest = buckets.iter().rev().find_map(|bucket| bucket.p95);
    let failed: u64 = buckets.iter().map(|bucket| bucket.failed).sum();
    let total: u64 = buckets.iter().map(|bucket| bucket.requests).sum();

    let x = |i: f64| i / (BUCKETS - 1) as f64 * WIDTH;
    let y = |rate: f64| HEIGHT - rate / top * (HEIGHT - 4.0);
    let line: Vec<String> =
        buckets.iter().enumerate().map(|(i, bucket)| format!("{:.1},{:.1}", x(i as f64), y(rate(bucket)))).collect();
    let line = line.join(" ");
    let area = format!("0,{HEIGHT} {line} {WIDTH},{HEIGHT}");
    let at = move |second: i64| ((second - (end - window)) as f64 / window as f64 * WIDTH).clamp(0.0, WIDTH);
    let marks = spans
        .into_iter()
        .filter(|span| span.to >= end - window)
        .map(|span| {
            let (from, to) = (at(span.from), at(span.to));
            view! { <rect class="rollout" x=from y="0" width=(to - from).max(2.0) height=HEIGHT></rect> }
        })
        .collect_view();
    let failures = buckets
        .iter()
        .enumerate()
        .filter(|(_, bucket)| bucket.failed > 0)
        .map(|(i, bucket)| {
            let top = y(bucket.failed as f64 / seconds).min(HEIGHT - 3.0);
            view! { <rect class="failed" x=x(i as f64) - 2.0 y=top width="4" height=HEIGHT - top></rect> }
        })
        .collect_view();
    let failed_tone = if failed > 0 { "bad" } else { "" };
    let moment = |second: i64| Timestamp::from_second(second).map(times::minute).unwrap_or_default();
    let label = format!(
        "{} requests in the last {}, {} failed; at most {} per second.",
        numbers::whole(total),
        numbers::span(window.unsigned_abs()),
        numbers::whole(failed),
        numbers::rate(highest),
    );
    view! {
        <figure class="requests-chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                {marks}
                <path class="grid" d=format!("M0 4H{WIDTH}M0 {mid}H{WIDTH}M0 {HEIGHT}H{WIDTH}", mid = (HEIGHT + 4.0) / 2.0)></path>
                <polygon class="area" points=area></polygon>
                <polyline class="line" points=line></polyline>
                {failures}
            </svg>
            <span class="axis top">{numbers::rate(top)}" /s"</span>
            <figcaption>
                <span>{moment(end - window)}</span>
                <span class="chart-facts">
                    <span><b>{numbers::whole(total)}</b>" requests"</span>
                    <span><b class=failed_tone>{numbers::whole(failed)}</b>" failed"</span>
                    <span>"p95 "<b>{latest.map_or_else(|| "–".to_owned(), numbers::millis)}</b></span>
                </span>
                <span>{moment(end)}</span>
            </figcaption>
        </figure>
    }
}

fn gathered(points: &[MetricsPoint], end: i64, window: i64) -> Vec<Bucket> {
    let mut buckets = vec![Bucket::default(); BUCKETS];
    let begin = end - window;
    for point in points {
        // A point carries the second at which it ends.
        let place = ((point.at - 1 - begin) * BUCKETS as i64).div_euclid(window.max(1));
        if let Some(bucket) = usize::try_from(place).ok().and_then(|place| buckets.get_mut(place)) {
            bucket.requests += point.requests;
            bucket.failed += point.failed;
            bucket.p95 = point.p95_ms.map(|p95| bucket.p95.map_or(p95, |old: f64| old.max(p95))).or(bucket.p95);
        }
    }
    buckets
}

/// The next 1, 2 or 5 with zeros, so that the scale reads well.
fn rounded_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_of_the_window_is_in_one_bucket() {
        let point = |at| MetricsPoint { at, requests: 1, ..MetricsPoint::default() };
        let points: Vec<_> = (1..=3_600).map(|second| point(1_000 + second)).collect();
        let buckets = gathered(&points, 4_600, 3_600);
        assert!(buckets.iter().all(|bucket| bucket.requests == 30));
        assert_eq!(gathered(&[point(1_000), point(4_601)], 4_600, 3_600).iter().map(|b| b.requests).sum::<u64>(), 0);
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        assert_eq!((rounded_up(0.0), rounded_up(412.0), rounded_up(100.0), rounded_up(0.3)), (1.0, 500.0, 100.0, 0.5));
    }
}
