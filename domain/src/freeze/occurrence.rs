//! One occurrence of a freeze: the local times of it, and the instants that they come to where the clocks change.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A stretch of time: the first instant of it, and the first one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occurrence {
    /// The first instant that is in it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    /// The first instant that is in it no more; later than `from`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
}

impl Occurrence {
    /// True when `at` lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

words! {
    /// The things that a change of the clocks does to an occurrence.
    pub enum ClockChange {
        /// It takes less time than the local times say.
        Shortened = "shortened",
        /// It takes more time than the local times say.
        Lengthened = "lengthened",
        /// The clocks go forward over the whole of it: it does not take place.
        Emptied = "emptied",
    }
}

/// An occurrence as it is shown before it comes: its local times, and what they come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The local time from which on it holds.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: DateTime,
    /// The local time from which on it holds no more.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub to: DateTime,
    /// From the first to the last instant at which the local time lies between those two; `null` when there is none.
    pub instants: Option<Occurrence>,
    /// The thing that a change of the clocks does to it, if one does.
    pub clock_change: Option<ClockChange>,
}

/// More than any zone is away from UTC.
const FARTHEST: SignedDuration = SignedDuration::from_hours(26);

impl Preview {
    /// The occurrence between two local times of `zone`.
    pub(super) fn new(zone: &TimeZone, from: DateTime, to: DateTime) -> Self {
        let instants = reached(zone, from, to);
        let written = from.duration_until(to);
        let clock_change = match instants {
            None => Some(ClockChange::Emptied),
            Some(instants) => match instants.from.duration_until(instants.to).cmp(&written) {
                std::cmp::Ordering::Less => Some(ClockChange::Shortened),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => Some(ClockChange::Lengthened),
            },
        };
        Self { from, to, instants, clock_change }
    }

    /// A sentence about what a change of the clocks does to it, if one does.
    pub fn note(&self) -> Option<String> {
        let longer = |instants: Occurrence| {
            let (real, written) = (instants.from.duration_until(instants.to), self.from.duration_until(self.to));
            format!("{:#}", if real > written { real - written } else { written - real })
        };
        match (self.clock_change?, self.instants) {
            (ClockChange::Emptied, _) | (_, None) => {
                Some("The clocks go forward over the whole of it: it does not take place.".to_owned())
            }
            (ClockChange::Shortened, Some(instants)) => {
                Some(format!("The clocks change meanwhile: it is {} shorter.", longer(instants)))
            }
            (ClockChange::Lengthened, Some(instants)) => {
                Some(format!("The clocks change meanwhile: it is {} longer.", longer(instants)))
            }
        }
    }
}

/// From the first to the last instant whose local time in `zone` lies in [`from`, `to`), if there is one. The local
/// time may lie outside in between, where the clocks go back.
fn reached(zone: &TimeZone, from: DateTime, to: DateTime) -> Option<Occurrence> {
    let begin = Offset::UTC.to_timestamp(from).ok()?.checked_sub(FARTHEST).ok()?;
    let end = Offset::UTC.to_timestamp(to).ok()?.checked_add(FARTHEST).ok()?;
    let changes = zone.following(begin).map(|change| change.timestamp()).take_while(|at| *at < end);
    // Between two changes the local time runs like any clock.
    let edges: Vec<Timestamp> = std::iter::once(begin).chain(changes).chain([end]).collect();
    let even = edges.iter().zip(edges.iter().skip(1));
    let within = even.filter_map(|(since, until)| {
        let offset = zone.to_offset(*since);
        let first = offset.to_timestamp(from).ok()?.max(*since);
        let last = offset.to_timestamp(to).ok()?.min(*until);
        (first < last).then_some(Occurrence { from: first, to: last })
    });
    within.reduce(|first, last| Occurrence { from: first.from, to: last.to })
}

#[cfg(test)]
mod tests;
