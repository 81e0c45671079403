//! Requests over time, stacked by revision, with the failed ones marked.

use super::drawing::{Drawing, NONE, canvas, length_word, scale};
use super::gathered::{Gathered, Sum, Whose};
use super::layers::{RevisionLabels, classes, label, row_of_all, rows};
use crate::words::numbers;

/// The time that requests are counted by: the shortest in which there is not less than half a request.
struct Rate {
    seconds: f64,
    words: &'static str,
    title: &'static str,
}

const RATES: [Rate; 4] = [
    Rate { seconds: 1.0, words: "per second", title: "Requests per second" },
    Rate { seconds: 60.0, words: "per minute", title: "Requests per minute" },
    Rate { seconds: 3_600.0, words: "per hour", title: "Requests per hour" },
    Rate { seconds: 86_400.0, words: "per day", title: "Requests per day" },
];

impl Rate {
    fn of(highest_per_second: f64) -> &'static Self {
        RATES.iter().find(|rate| highest_per_second * rate.seconds >= 0.5).unwrap_or(match highest_per_second {
            0.0 => &RATES[0],
            _ => &RATES[3],
        })
    }
}

/// Draws the requests.
pub(crate) fn requests(gathered: &Gathered, labels: &RevisionLabels) -> Drawing {
    let count = gathered.buckets.count;
    let per_second = |bucket: usize, requests: u64| gathered.seconds(bucket).map(|seconds| requests as f64 / seconds);
    let highest = (0..count).filter_map(|bucket| per_second(bucket, gathered.all(bucket).requests)).fold(0.0, f64::max);
    let rate = Rate::of(highest);
    let rate_of = |bucket: usize, requests: u64| per_second(bucket, requests).map(|number| number * rate.seconds);
    let scale = scale([Some(highest * rate.seconds)].into_iter(), 0.01);
    let canvas = canvas(gathered, scale.top);
    let title = match gathered.is_exact() && gathered.buckets.length == 1 {
        true => rate.title.to_owned(),
        false => format!("{}, mean of each {}", rate.title, length_word(gathered.buckets.length)),
    };
    let mut drawing = Drawing::blank("requests", title, gathered);
    drawing.is_empty = !gathered.has_requests();
    drawing.ticks = scale.ticks(|value| scale.amount(value));

    let classes = classes(gathered);
    let upto = |bucket: usize, place: usize| {
        let below = gathered.layers.iter().take(place).filter_map(|layer| layer.sums.get(bucket));
        rate_of(bucket, below.map(|sum| sum.requests).sum())
    };
    for (place, (layer, class)) in gathered.layers.iter().zip(&classes).enumerate() {
        // Where it answered nothing, there is nothing to see of it between the others.
        let there = |bucket: usize| layer.sums.get(bucket).is_some_and(|sum| sum.requests > 0);
        let edges = |bucket: usize| Some((upto(bucket, place)?, upto(bucket, place + 1)?)).filter(|_| there(bucket));
        drawing.add(format!("area {class}"), canvas.area(edges));
        let lowest = place == 0;
        let line = canvas.line(|bucket| upto(bucket, place + 1).filter(|_| lowest || there(bucket)));
        drawing.add(format!("line {class}"), line);
    }
    for (layer, class) in gathered.layers.iter().zip(&classes).rev() {
        drawing.explain(class.clone(), label(layer.whose, labels));
    }
    let failed = |bucket: usize| Some(gathered.all(bucket).failed).filter(|failed| *failed > 0);
    let failed_rate = |bucket: usize| rate_of(bucket, failed(bucket)?);
    if (0..count).any(|bucket| failed(bucket).is_some()) {
        drawing.add("area failed".to_owned(), canvas.area(|bucket| Some((0.0, failed_rate(bucket)?))));
        drawing.add("line failed".to_owned(), canvas.line(failed_rate));
        drawing.explain("failed", "failed");
    }

    let tell = |bucket: usize, sum: &Sum| match rate_of(bucket, sum.requests) {
        Some(number) => vec![amount(number), numbers::whole(sum.requests), numbers::whole(sum.failed)],
        None => vec![NONE.to_owned(); 3],
    };
    drawing.measures = vec![rate.words, "requests", "failed"];
    drawing.rows = rows(gathered, labels, tell);
    let only_one = gathered.layers.len() == 1 && gathered.layers.iter().all(|layer| layer.whose != Whose::NoReplica);
    if !only_one {
        drawing.rows.push(row_of_all(gathered, tell));
    }
    drawing
}

/// A rate; what is not nothing is never shown as 0.
fn amount(rate: f64) -> String {
    if rate > 0.0 && rate < 0.05 { "< 0.1".to_owned() } else { numbers::rate(rate) }
}

#[cfg(test)]
mod tests {
    use domain::id::RevisionNumber;
    use domain::wire::{MetricsPoint, MetricsView};

    use super::*;

    fn point(at: i64, revision: Option<u32>, requests: u64, failed: u64) -> MetricsPoint {
        MetricsPoint { at, revision: revision.map(RevisionNumber), requests, failed, ..MetricsPoint::default() }
    }

    fn drawn(step: u32, window: u32, items: Vec<MetricsPoint>) -> Drawing {
        let to = 1_700_006_400;
        let view = MetricsView { step, from: to - i64::from(window), to, items, ..MetricsView::default() };
        requests(&Gathered::of(&view, window), &RevisionLabels::new())
    }

    fn steady(step: u32, window: u32, each: u64) -> Drawing {
        let points = i64::from(window / step);
        drawn(step, window, (0..points).map(|i| point(1_700_006_400 - i * i64::from(step), Some(1), each, 0)).collect())
    }

    #[test]
    fn steady_requests_are_flat_in_every_window() {
        for (step, window) in [
            (1, 60),
            (1, 900),
            (1, 3_600),
            (60, 3_600),
            (60, 86_400),
            (3_600, 604_800),
            (3_600, 2_678_400),
            (3_600, 31_536_000),
        ] {
            let drawing = steady(step, window, 40 * u64::from(step));
            let line = drawing.shapes.iter().find(|shape| shape.class == "line new").unwrap();
            assert_eq!(line.path, "M0 66.7H1000", "of {window} s");
            assert_eq!(drawing.ticks.last().map(|(_, word)| word.as_str()), Some("60"));
            for cells in &drawing.rows[0].cells {
                assert_eq!(cells[0], "40", "of {window} s");
            }
            assert_eq!(drawing.rows.len(), 1);
        }
    }

    #[test]
    fn the_newest_revision_lies_on_the_older_ones_and_the_failed_are_marked() {
        let at = 1_700_006_400;
        let items = vec![point(at, Some(1), 30, 0), point(at, Some(2), 10, 2), point(at, None, 5, 5)];
        let drawing = drawn(1, 60, items);
        let classes: Vec<_> = drawing.shapes.iter().map(|shape| shape.class.as_str()).collect();
        let layers = ["area old age-1", "line old age-1", "area new", "line new", "area nobody", "line nobody"];
        assert_eq!(classes, [&layers[..], &["area failed", "line failed"]].concat());
        // 30, 40 and 45 of 60; and 7 of 60 failed.
        let path = |place: usize| drawing.shapes[place].path.as_str();
        assert_eq!(path(2), "M983.3 100V66.7H1000V100H983.3Z");
        assert_eq!(path(4), "M983.3 66.7V50H1000V66.7H983.3Z");
        assert_eq!(path(7), "M983.3 176.7H1000");
        let rows: Vec<_> = drawing.rows.iter().map(|row| (row.label.as_str(), row.cells[59].join(" "))).collect();
        let expected = [
            ("reached no replica", "5.0 5 5"),
            ("revision 2", "10 10 2"),
            ("revision 1", "30 30 0"),
            ("all", "45 45 7"),
        ];
        assert_eq!(rows, expected.map(|(label, cells)| (label, cells.to_owned())));
        let legend: Vec<_> = drawing.legend.iter().map(|entry| entry.label.as_str()).collect();
        assert_eq!(legend, ["reached no replica", "revision 2", "revision 1", "failed"]);
    }

    #[test]
    fn few_requests_are_counted_by_a_longer_time() {
        assert_eq!(drawn(1, 60, Vec::new()).title, "Requests per second");
        assert!(drawn(1, 60, Vec::new()).is_empty);
        assert_eq!(steady(60, 86_400, 6).title, "Requests per minute, mean of each 30 min");
        let rare = drawn(3_600, 31_536_000, vec![point(1_700_006_400 - 1_000_000, Some(1), 1, 0)]);
        assert_eq!(rare.title, "Requests per day, mean of each week");
        assert!(rare.rows[0].cells.iter().any(|cells| cells[0] == "0.1" && cells[1] == "1"));
    }
}
