//! The times beside a chart, as exact as its buckets are.

use jiff::Timestamp;

use super::buckets::Buckets;
use crate::words::times;

/// Moments that are written below a chart.
const WRITTEN: usize = 5;
/// Seconds of a window whose moments differ in their seconds.
const SECONDS: i64 = 300;
/// Seconds of a window whose moments differ in their minutes.
const MINUTES: i64 = 172_800;

/// Moments evenly over the window, each with its place from 0 to 1.
pub(super) fn below(buckets: Buckets) -> Vec<(f64, String)> {
    let span = buckets.end() - buckets.from;
    let end = at(buckets.end());
    let word = |second: i64| match span {
        span if span < SECONDS => times::clock(at(second)),
        span if span < MINUTES => times::minute(at(second)),
        _ => times::day(at(second), end),
    };
    let place = |number: usize| number as f64 / (WRITTEN - 1) as f64;
    (0..WRITTEN).map(|number| (place(number), word(buckets.from + (span as f64 * place(number)) as i64))).collect()
}

/// The time of a bucket, from its begin to its end.
pub(super) fn of_bucket(buckets: Buckets, bucket: usize) -> String {
    let (from, to) = (at(buckets.begin(bucket)), at(buckets.begin(bucket + 1)));
    match buckets.length {
        1 => times::clock(from),
        2..60 => format!("{} – {}", times::clock(from), times::clock(to)),
        60..1_800 => format!("{} – {}", times::minute(from), times::minute(to)),
        1_800..86_400 => format!("{} – {}", times::day_and_minute(from), times::minute(to)),
        _ => format!("{} – {}", times::day_and_minute(from), times::day_and_minute(to)),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}
