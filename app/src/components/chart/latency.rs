//! How long requests took: p50, p95 and p99 of each revision.

use super::drawing::{Drawing, NONE, canvas, length_word, scale};
use super::gathered::{Gathered, Sum, Whose};
use super::layers::{RevisionLabels, classes, label, rows};
use crate::words::numbers;

/// What is drawn of each revision, with the class that style sheets know it by.
const PERCENTILES: [&str; 3] = ["p50", "p95", "p99"];

/// Draws the latency.
pub(crate) fn latency(gathered: &Gathered, labels: &RevisionLabels) -> Drawing {
    let mut drawing = Drawing::blank("latency", title(gathered), gathered);
    let layers: Vec<_> =
        gathered.layers.iter().zip(classes(gathered)).filter(|(layer, _)| layer.whose != Whose::NoReplica).collect();
    let all = layers.iter().flat_map(|(layer, _)| &layer.sums).flat_map(|sum| sum.percentiles);
    drawing.is_empty = all.clone().flatten().next().is_none();
    let scale = scale(all, 0.1);
    let canvas = canvas(gathered, scale.top);
    drawing.ticks = scale.ticks(|ms| if ms == 0.0 { "0".to_owned() } else { numbers::millis(ms) });
    for (layer, class) in &layers {
        for (place, percentile) in PERCENTILES.iter().enumerate() {
            let value = |bucket: usize| layer.sums.get(bucket).and_then(|sum| sum.percentiles[place]);
            drawing.add(format!("line {percentile} {class}"), canvas.line(value));
        }
    }
    for (layer, class) in layers.iter().rev() {
        drawing.explain(class.clone(), label(layer.whose, labels));
    }
    for percentile in PERCENTILES {
        drawing.explain(format!("stroke {percentile}"), percentile);
    }
    drawing.measures = PERCENTILES.to_vec();
    let tell =
        |_: usize, sum: &Sum| sum.percentiles.map(|ms| ms.map_or_else(|| NONE.to_owned(), numbers::millis)).to_vec();
    drawing.rows = rows(gathered, labels, tell);
    drawing.rows.retain(|row| row.label != label(Whose::NoReplica, labels));
    drawing
}

/// Percentiles of several points cannot be put together, so the highest of them is drawn, and the title says so.
fn title(gathered: &Gathered) -> String {
    let (length, step) = (length_word(gathered.buckets.length), length_word(gathered.step.into()));
    match gathered.is_exact() {
        true => format!("Latency: p50, p95 and p99 of each {length}"),
        false => format!("Latency: the highest p50, p95 and p99 of a {step} in each {length}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::id::RevisionNumber;
    use domain::wire::{MetricsPoint, MetricsView};

    use super::*;

    fn point(at: i64, revision: Option<u32>, p95: Option<f64>) -> MetricsPoint {
        let revision = revision.map(RevisionNumber);
        MetricsPoint {
            at,
            revision,
            requests: 1,
            p50_ms: p95.map(|ms| ms / 2.0),
            p95_ms: p95,
            ..MetricsPoint::default()
        }
    }

    fn drawn(window: u32, items: Vec<MetricsPoint>) -> Drawing {
        let view = MetricsView { step: 1, from: 6_000 - i64::from(window), to: 6_000, items, ..MetricsView::default() };
        latency(&Gathered::of(&view, window), &RevisionLabels::new())
    }

    #[test]
    fn each_percentile_of_each_revision_has_its_line() {
        let items = vec![
            point(5_941, Some(1), Some(15.0)),
            point(5_942, Some(1), Some(15.0)),
            point(5_944, Some(2), Some(5.0)),
        ];
        let drawing = drawn(60, items);
        assert_eq!(drawing.title, "Latency: p50, p95 and p99 of each second");
        let lines: Vec<_> = drawing.shapes.iter().map(|shape| (shape.class.as_str(), shape.path.as_str())).collect();
        assert_eq!(
            lines,
            [
                ("line p50 old age-1", "M0 125H33.3"),
                ("line p95 old age-1", "M0 50H33.3"),
                ("line p50 new", "M50 175H66.7"),
                ("line p95 new", "M50 150H66.7"),
            ]
        );
        assert_eq!(drawing.rows[0].cells[3], ["2.5 ms", "5.0 ms", "–"]);
        assert_eq!(drawing.rows[1].cells[3], ["–", "–", "–"]);
    }

    #[test]
    fn the_highest_of_several_points_is_drawn_and_the_title_says_so() {
        let drawing = drawn(900, vec![point(5_991, Some(1), Some(3.0)), point(5_995, Some(1), Some(90.0))]);
        assert_eq!(drawing.title, "Latency: the highest p50, p95 and p99 of a second in each 10 s");
        assert_eq!(drawing.rows[0].cells.last().map(|cells| cells[1].as_str()), Some("90 ms"));
    }

    #[test]
    fn what_no_replica_saw_has_no_latency() {
        let drawing = drawn(60, vec![point(5_950, None, None)]);
        assert!(drawing.is_empty && drawing.rows.is_empty() && drawing.shapes.is_empty());
    }
}
