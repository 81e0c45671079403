//! What a chart shows: its shapes, its scale, and the numbers behind them.

use domain::wire::MetricsGap;

use super::buckets::Buckets;
use super::canvas::Canvas;
use super::gathered::Gathered;
use super::scale::UpTo;
use crate::words::numbers;

/// A chart, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drawing {
    /// Names it in tests and style sheets.
    pub(super) name: &'static str,
    /// What is drawn, with the unit and how long a bucket is.
    pub(super) title: String,
    /// The buckets.
    pub(super) buckets: Buckets,
    /// Lines and areas, the lowest first.
    pub(super) shapes: Vec<Shape>,
    /// The times at which nothing was counted: place and width.
    pub(super) gaps: Vec<(f64, f64)>,
    /// The times of which everything was cleared, alike.
    pub(super) cleared: Vec<(f64, f64)>,
    /// The values beside it, each with its height from 0 to 1.
    pub(super) ticks: Vec<(f64, String)>,
    /// What the shapes mean.
    pub(super) legend: Vec<LegendEntry>,
    /// What each row tells of a bucket, with the unit.
    pub(super) measures: Vec<&'static str>,
    /// The numbers, for each of those who answered.
    pub(super) rows: Vec<NumberRow>,
    /// What else there is to say of each bucket.
    pub(super) remarks: Vec<Option<String>>,
    /// Nothing can be drawn, because there was nothing to count.
    pub(crate) is_empty: bool,
}

/// A line or an area.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// The class that style sheets know it by.
    pub(super) class: String,
    /// Its path.
    pub(super) path: String,
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LegendEntry {
    /// The class that style sheets know it by.
    pub(super) class: String,
    /// Its meaning.
    pub(super) label: String,
}

/// The numbers of one of those who answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberRow {
    /// The one who answered.
    pub(super) label: String,
    /// For each bucket, one text for each measure.
    pub(super) cells: Vec<Vec<String>>,
}

/// In place of a number that there is none of.
pub(super) const NONE: &str = "–";

impl Drawing {
    /// A drawing of `gathered` on `scale`, without shapes and numbers.
    pub(super) fn blank(name: &'static str, title: String, gathered: &Gathered) -> Self {
        let canvas = canvas(gathered, 1.0);
        let placed = |gaps: &[MetricsGap]| {
            let gaps = gaps.iter().map(|gap| (canvas.x(gap.from), canvas.x(gap.to)));
            gaps.filter(|(from, to)| from < to).map(|(from, to)| (from, to - from)).collect()
        };
        let (gaps, cleared) = (placed(&gathered.gaps), placed(&gathered.cleared));
        let remarks = (0..gathered.buckets.count).map(|bucket| remark(gathered, bucket)).collect();
        Self { name, title, buckets: gathered.buckets, gaps, cleared, remarks, ..Self::default() }
    }

    /// Adds a line or an area, unless there is nothing of it.
    pub(super) fn add(&mut self, class: String, path: String) {
        if !path.is_empty() {
            self.shapes.push(Shape { class, path });
        }
    }

    /// Adds a line of the legend.
    pub(super) fn explain(&mut self, class: impl Into<String>, label: impl Into<String>) {
        self.legend.push(LegendEntry { class: class.into(), label: label.into() });
    }

    /// What everything in it means, gaps included.
    pub(super) fn explained(&self) -> Vec<LegendEntry> {
        let mut all = self.legend.clone();
        for (gaps, class, label) in [(&self.gaps, "gap", "no server ran"), (&self.cleared, "gap cleared", "cleared")] {
            if !gaps.is_empty() {
                all.push(LegendEntry { class: class.to_owned(), label: label.to_owned() });
            }
        }
        all
    }

    /// The numbers of a bucket in one sentence for each of those who answered.
    pub(super) fn sentence(&self, bucket: usize) -> String {
        let mut sentences: Vec<String> = Vec::new();
        for row in &self.rows {
            let cells = row.cells.get(bucket).into_iter().flatten();
            let told: Vec<_> =
                self.measures.iter().zip(cells).map(|(measure, cell)| format!("{measure} {cell}")).collect();
            sentences.push(format!("{}: {}.", row.label, told.join(", ")));
        }
        sentences.extend(self.remarks.get(bucket).cloned().flatten().map(|remark| format!("{remark}.")));
        sentences.join(" ")
    }
}

/// The picture of `gathered` with a scale up to `top`.
pub(super) fn canvas(gathered: &Gathered, top: f64) -> Canvas<'_> {
    Canvas { buckets: gathered.buckets, stretches: &gathered.stretches, top }
}

/// The scale for the highest of some values.
pub(super) fn scale(values: impl Iterator<Item = Option<f64>>, least: f64) -> UpTo {
    UpTo::above(values.flatten().fold(0.0, f64::max), least)
}

/// *second*, *30 min*, *week*: the length of a bucket after *each*.
pub(crate) fn length_word(seconds: i64) -> String {
    match seconds {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        604_800 => "week".to_owned(),
        seconds => numbers::span(seconds.unsigned_abs()),
    }
}

/// What there is to say of a bucket in which not every second was counted.
fn remark(gathered: &Gathered, bucket: usize) -> Option<String> {
    let (counted, length) = (gathered.counted.get(bucket).copied()?, gathered.buckets.length);
    let span = |seconds: i64| numbers::span(seconds.unsigned_abs());
    match counted {
        0 if gathered.is_cleared_in(bucket) => Some("Cleared".to_owned()),
        0 => Some("The server did not run".to_owned()),
        counted if counted < length => Some(format!("Counted for {} of {}", span(counted), span(length))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::wire::MetricsView;

    use super::*;

    #[test]
    fn a_bucket_is_called_after_its_length() {
        assert_eq!([1, 10, 60, 1_800, 604_800].map(length_word), ["second", "10 s", "minute", "30 min", "week"]);
    }

    #[test]
    fn what_was_not_counted_is_said_and_marked() {
        let gaps = vec![MetricsGap { from: 1_000, to: 1_015 }, MetricsGap { from: 5_000, to: 6_000 }];
        let view = MetricsView { step: 1, from: 1_000, to: 1_900, gaps, ..MetricsView::default() };
        let gathered = Gathered::of(&view, 900);
        assert_eq!(gathered.buckets.from, 1_010);
        let drawing = Drawing::blank("requests", String::new(), &gathered);
        assert_eq!(drawing.remarks[0].as_deref(), Some("Counted for 5 s of 10 s"));
        assert_eq!(drawing.remarks[1], None);
        assert_eq!(drawing.gaps, [(0.0, 5.6)]);
    }

    #[test]
    fn what_was_cleared_is_said_and_marked() {
        let cleared = vec![MetricsGap { from: 1_010, to: 1_030 }];
        let view = MetricsView { step: 1, from: 1_000, to: 1_900, cleared, ..MetricsView::default() };
        let drawing = Drawing::blank("requests", String::new(), &Gathered::of(&view, 900));
        assert_eq!((drawing.remarks[0].as_deref(), drawing.remarks[2].as_deref()), (Some("Cleared"), None));
        assert_eq!((drawing.gaps.len(), drawing.cleared.len()), (0, 1));
        assert_eq!(drawing.explained().last().map(|entry| entry.label.clone()).as_deref(), Some("cleared"));
    }

    #[test]
    fn a_bucket_is_read_out() {
        let row = |label: &str, cells: [&str; 2]| NumberRow {
            label: label.to_owned(),
            cells: vec![cells.map(str::to_owned).to_vec()],
        };
        let drawing = Drawing {
            measures: vec!["per second", "failed"],
            rows: vec![row("revision 2", ["40", "0"]), row("revision 1", ["–", "–"])],
            remarks: vec![Some("Counted for 5 s of 10 s".to_owned())],
            ..Drawing::default()
        };
        assert_eq!(
            drawing.sentence(0),
            "revision 2: per second 40, failed 0. revision 1: per second –, failed –. Counted for 5 s of 10 s."
        );
        assert_eq!(drawing.sentence(1), "revision 2: . revision 1: .");
    }
}
