//! The rollouts within a window, as bands, with their names above them.

use super::buckets::Buckets;
use super::canvas::WIDTH;

/// The least width of a band.
const LEAST: f64 = 3.0;
/// The share of the width that a name takes; names that would lie closer are put together.
const NAME: f64 = 0.25;

/// A rollout, as a chart marks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RolloutBand {
    /// Seconds since 1970 at which it began.
    pub(crate) from: i64,
    /// Seconds since 1970 at which it ended, if it has.
    pub(crate) to: Option<i64>,
    /// Its name, as in *v1 → v3*.
    pub(crate) name: String,
    /// The address of its page.
    pub(crate) href: String,
    /// It failed, or went back.
    pub(crate) failed: bool,
}

/// A band in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlacedBand {
    /// Its left edge.
    pub(super) x: f64,
    /// Its width.
    pub(super) width: f64,
    /// It failed, or went back.
    pub(super) failed: bool,
}

/// The name of one rollout, or the number of several.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BandName {
    /// The place of its band, from 0 to 1.
    pub(super) at: f64,
    /// It ends there instead of beginning there, because there is no room to the right.
    pub(super) at_right: bool,
    /// The name.
    pub(super) text: String,
    /// The names of all that it stands for.
    pub(super) whole: String,
    /// The address of the page; none where it stands for several.
    pub(super) href: Option<String>,
    /// One of them failed, or went back.
    pub(super) failed: bool,
}

/// The rollouts that were in progress between two moments.
pub(super) fn between(bands: &[RolloutBand], from: i64, to: i64) -> impl Iterator<Item = &RolloutBand> {
    bands.iter().filter(move |band| band.from < to && band.to.is_none_or(|end| end >= from))
}

/// The bands within the window.
pub(super) fn placed(bands: &[RolloutBand], buckets: Buckets) -> Vec<PlacedBand> {
    let place = |band: &RolloutBand| {
        let x = buckets.share(band.from) * WIDTH;
        let width = (buckets.share(band.to.unwrap_or(buckets.end())) * WIDTH - x).max(LEAST);
        PlacedBand { x: x.min(WIDTH - LEAST), width, failed: band.failed }
    };
    between(bands, buckets.from, buckets.end()).map(place).collect()
}

/// Their names, from left to right. None covers another.
pub(super) fn names(bands: &[RolloutBand], buckets: Buckets) -> Vec<BandName> {
    let mut inside: Vec<&RolloutBand> = between(bands, buckets.from, buckets.end()).collect();
    inside.sort_by_key(|band| band.from);
    let mut names: Vec<(f64, Vec<&RolloutBand>)> = Vec::new();
    for band in inside {
        let at = buckets.share(band.from);
        let left = if at > 1.0 - NAME { at - NAME } else { at };
        match names.last_mut() {
            Some((before, together)) if left - *before < NAME => together.push(band),
            _ => names.push((left, vec![band])),
        }
    }
    let name = |together: &[&RolloutBand]| Some(named(buckets.share(together.first()?.from), together));
    names.iter().filter_map(|(_, together)| name(together)).collect()
}

fn named(at: f64, together: &[&RolloutBand]) -> BandName {
    let failed = together.iter().any(|band| band.failed);
    let all: Vec<_> = together.iter().map(|band| band.name.as_str()).collect();
    let (text, href) = match together {
        [one] => (one.name.clone(), Some(one.href.clone())),
        several => (format!("{} rollouts", several.len()), None),
    };
    BandName { at, at_right: at > 1.0 - NAME, text, whole: all.join(", "), href, failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKETS: Buckets = Buckets { from: 1_000, length: 10, count: 100 };

    fn band(from: i64, to: Option<i64>, name: &str) -> RolloutBand {
        RolloutBand { from, to, name: name.to_owned(), href: format!("/{name}"), failed: name == "bad" }
    }

    #[test]
    fn only_rollouts_of_the_window_are_marked() {
        let bands = [
            band(100, Some(900), "past"),
            band(900, Some(1_100), "a"),
            band(1_500, Some(1_501), "bad"),
            band(1_900, None, "b"),
            band(2_000, None, "later"),
        ];
        let found: Vec<_> = placed(&bands, BUCKETS).iter().map(|band| (band.x, band.width, band.failed)).collect();
        assert_eq!(found, [(0.0, 100.0, false), (500.0, 3.0, true), (900.0, 100.0, false)]);
        let now: Vec<_> = between(&bands, 1_500, 1_510).map(|band| band.name.as_str()).collect();
        assert_eq!(now, ["bad"]);
    }

    #[test]
    fn names_that_would_cover_each_other_are_one() {
        let bands = [
            band(1_900, None, "d"),
            band(1_000, Some(1_010), "a"),
            band(1_400, Some(1_401), "bad"),
            band(1_500, Some(1_510), "c"),
        ];
        let found = names(&bands, BUCKETS);
        let told: Vec<_> = found
            .iter()
            .map(|name| (name.text.as_str(), name.whole.as_str(), name.href.as_deref(), name.failed))
            .collect();
        assert_eq!(
            told,
            [("a", "a", Some("/a"), false), ("2 rollouts", "bad, c", None, true), ("d", "d", Some("/d"), false)]
        );
        let places: Vec<_> = found.iter().map(|name| (name.at, name.at_right)).collect();
        assert_eq!(places, [(0.0, false), (0.4, false), (0.9, true)]);
        assert!(names(&[], BUCKETS).is_empty() && names(&bands, Buckets::default()).is_empty());
    }
}
