//! Replicas that take requests, and requests that wait for one.

use super::drawing::{Drawing, NONE, NumberRow, canvas, length_word, scale};
use super::gathered::{Gathered, Gauged};
use crate::words::numbers;

/// Draws the replicas that take requests.
pub(crate) fn ready_replicas(gathered: &Gathered) -> Drawing {
    let title = format!("Replicas that take requests, the fewest in each {}", length_word(gathered.buckets.length));
    drawn("ready", title, "replicas", "fewest", gathered, |seen| seen.ready)
}

/// Draws the requests that wait for a replica.
pub(crate) fn waiting_requests(gathered: &Gathered) -> Drawing {
    let title = format!("Requests that wait, the most in each {}", length_word(gathered.buckets.length));
    drawn("waiting", title, "waiting requests", "most", gathered, |seen| seen.waiting)
}

fn drawn(
    name: &'static str,
    title: String,
    label: &str,
    measure: &'static str,
    gathered: &Gathered,
    number: impl Fn(Gauged) -> u32,
) -> Drawing {
    let gathered = &gathered.as_seen();
    let mut drawing = Drawing::blank(name, title, gathered);
    let seen = |bucket: usize| gathered.seen.get(bucket).copied().flatten().map(&number);
    let value = |bucket: usize| seen(bucket).map(f64::from);
    let count = gathered.buckets.count;
    let scale = scale((0..count).map(value), 1.0);
    let canvas = canvas(gathered, scale.top);
    drawing.is_empty = gathered.seen.iter().all(Option::is_none);
    drawing.ticks = scale.ticks(|value| scale.amount(value));
    drawing.add("area new".to_owned(), canvas.area(|bucket| Some((0.0, value(bucket)?))));
    drawing.add("line new".to_owned(), canvas.line(value));
    drawing.measures = vec![measure];
    let word = |bucket: usize| seen(bucket).map_or_else(|| NONE.to_owned(), |number| numbers::whole(number.into()));
    drawing.rows =
        vec![NumberRow { label: label.to_owned(), cells: (0..count).map(|bucket| vec![word(bucket)]).collect() }];
    drawing
}

#[cfg(test)]
mod tests {
    use domain::wire::{GaugePoint, MetricsGap, MetricsView};

    use super::*;

    #[test]
    fn what_nobody_saw_is_not_drawn() {
        let gauges =
            [(5_941, 3, 0), (5_942, 3, 7), (5_945, 2, 0)].map(|(at, ready, waiting)| GaugePoint { at, ready, waiting });
        let gaps = vec![MetricsGap { from: 5_942, to: 5_944 }];
        let view =
            MetricsView { step: 1, from: 5_940, to: 6_000, gauges: gauges.to_vec(), gaps, ..MetricsView::default() };
        let gathered = Gathered::of(&view, 60);
        let ready = ready_replicas(&gathered);
        assert_eq!(ready.title, "Replicas that take requests, the fewest in each second");
        let line = ready.shapes.iter().find(|shape| shape.class == "line new").unwrap();
        assert_eq!(line.path, "M0 50H33.3M66.7 100H83.3");
        let waiting = waiting_requests(&gathered);
        let told: Vec<_> = waiting.rows[0].cells.iter().take(4).map(|cells| cells[0].as_str()).collect();
        assert_eq!(told, ["0", "7", "–", "–"]);
        assert!(!waiting.is_empty && waiting_requests(&Gathered::default()).is_empty);
    }
}
