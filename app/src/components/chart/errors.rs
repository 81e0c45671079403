//! The share of requests that failed.

use super::drawing::{Drawing, NONE, canvas, length_word, scale};
use super::gathered::{Gathered, Sum};
use super::layers::{RevisionLabels, row_of_all, rows};
use crate::words::numbers;

/// Draws the share of failed requests.
pub(crate) fn errors(gathered: &Gathered, labels: &RevisionLabels) -> Drawing {
    let title = format!("Share of requests that failed, in each {}", length_word(gathered.buckets.length));
    let mut drawing = Drawing::blank("errors", title, gathered);
    drawing.is_empty = !gathered.has_requests();
    let share = |bucket: usize| failed_share(&gathered.all(bucket)).map(|share| share * 100.0);
    let scale = scale((0..gathered.buckets.count).map(share), 0.25).at_most(100.0);
    let canvas = canvas(gathered, scale.top);
    drawing.ticks = scale.ticks(|percent| format!("{} %", scale.amount(percent)));
    drawing
        .add("area failed".to_owned(), canvas.area(|bucket| Some((0.0, share(bucket).filter(|share| *share > 0.0)?))));
    drawing.add("line old".to_owned(), canvas.line(|bucket| share(bucket).filter(|share| *share == 0.0)));
    drawing.add("line failed".to_owned(), canvas.line(|bucket| share(bucket).filter(|share| *share > 0.0)));
    drawing.explain("failed", "failed");
    let tell = |_: usize, sum: &Sum| match failed_share(sum) {
        Some(share) => vec![numbers::share(share), numbers::whole(sum.failed), numbers::whole(sum.requests)],
        None => vec![NONE.to_owned(); 3],
    };
    drawing.measures = vec!["share failed", "failed", "requests"];
    drawing.rows = rows(gathered, labels, tell);
    drawing.rows.push(row_of_all(gathered, tell));
    drawing
}

/// The share that failed; of no requests there is none.
fn failed_share(sum: &Sum) -> Option<f64> {
    (sum.requests > 0).then(|| sum.failed as f64 / sum.requests as f64)
}

#[cfg(test)]
mod tests {
    use domain::id::RevisionNumber;
    use domain::wire::{MetricsPoint, MetricsView};

    use super::*;

    fn drawn(items: &[(i64, Option<u32>, u64, u64)]) -> Drawing {
        let point = |(at, revision, requests, failed): &(i64, Option<u32>, u64, u64)| MetricsPoint {
            at: *at,
            revision: revision.map(RevisionNumber),
            requests: *requests,
            failed: *failed,
            ..MetricsPoint::default()
        };
        let items = items.iter().map(point).collect();
        let view = MetricsView { step: 1, from: 5_940, to: 6_000, items, ..MetricsView::default() };
        errors(&Gathered::of(&view, 60), &RevisionLabels::new())
    }

    #[test]
    fn the_share_is_of_those_that_there_were() {
        let drawing = drawn(&[(5_941, Some(1), 10, 0), (5_941, Some(2), 10, 10), (5_943, Some(1), 4, 0)]);
        let line = |class: &str| drawing.shapes.iter().find(|shape| shape.class == class).unwrap().path.as_str();
        // Half, on a scale up to 60 %, then a second without requests, then one without failed ones.
        assert_eq!((line("line failed"), line("line old")), ("M0 33.3H16.7", "M33.3 200H50"));
        let first: Vec<_> = drawing.rows.iter().map(|row| (row.label.as_str(), row.cells[0].join(", "))).collect();
        let expected = [("revision 2", "100 %, 10, 10"), ("revision 1", "0 %, 0, 10"), ("all", "50 %, 10, 20")];
        assert_eq!(first, expected.map(|(label, cells)| (label, cells.to_owned())));
        assert_eq!(drawing.rows[2].cells[1], ["–", "–", "–"]);
    }

    #[test]
    fn the_scale_ends_at_everything() {
        let drawing = drawn(&[(5_941, None, 3, 3)]);
        assert_eq!(drawing.ticks.last().map(|(_, word)| word.as_str()), Some("100 %"));
        assert_eq!(drawn(&[(5_941, Some(1), 3, 0)]).ticks.last().map(|(_, word)| word.as_str()), Some("1.0 %"));
        assert!(drawn(&[]).is_empty);
    }
}
