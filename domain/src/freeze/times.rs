//! The times at which a freeze holds: a switch, once, or every week.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::occurrence::{Occurrence, Preview};
use crate::local_time;
use crate::terms::InvalidTerms;
use crate::zone::time_zone;

words! {
    /// The days of the week.
    #[allow(missing_docs)] // The words say it.
    pub enum Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Day;
        match day {
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
            Day::Sunday => Self::Sunday,
        }
    }
}

/// The times at which a freeze holds. Local times are those of a zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FreezeTimes {
    /// It holds as long as it is there.
    Switch {
        /// The instant from which on it holds no more, if it ends by itself.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        until: Option<Timestamp>,
    },
    /// It holds between two local times.
    Once {
        /// The local time from which on it holds.
        #[serde(deserialize_with = "local_time::read_date_time")]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        from: DateTime,
        /// The local time from which on it holds no more, after `from`.
        #[serde(deserialize_with = "local_time::read_date_time")]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        to: DateTime,
        /// The zone of both.
        zone: String,
    },
    /// It holds every week.
    Weekly {
        /// The days on which it begins.
        days: BTreeSet<Weekday>,
        /// The local time of those days from which on it holds.
        #[serde(deserialize_with = "local_time::read_time")]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        from: Time,
        /// The local time from which on it holds no more.
        #[serde(deserialize_with = "local_time::read_time")]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        to: Time,
        /// Days from the begin to the end, 0 to 6.
        #[serde(default)]
        days_later: u8,
        /// The zone of both times.
        zone: String,
    },
}

/// A freeze that holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeHold {
    /// The first instant at which it holds no more; `null` when it does not end by itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
}

/// Most occurrences that are listed at a time.
pub const MOST_PREVIEWS: usize = 400;
/// The years in which an occurrence may lie.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2999;
/// Most days between the begin of an occurrence and its end.
const MOST_DAYS_LATER: u8 = 6;
/// Days in which a weekly freeze begins again for certain, also when the clocks go over one occurrence.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 28);

impl FreezeTimes {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        let in_order = |after: bool, field| {
            if after { Ok(()) } else { Err(InvalidTerms::new(field, "it must be later than from")) }
        };
        match self {
            Self::Switch { .. } => Ok(()),
            Self::Once { from, to, zone } => {
                for (field, at) in [("when.once.from", from), ("when.once.to", to)] {
                    if !YEARS.contains(&at.year()) {
                        let problem = format!("the year must be {} to {}", YEARS.start(), YEARS.end());
                        return Err(InvalidTerms::new(field, problem));
                    }
                }
                in_order(from < to, "when.once.to")?;
                check_zone("when.once.zone", zone)
            }
            Self::Weekly { days, from, to, days_later, zone } => {
                if days.is_empty() {
                    return Err(InvalidTerms::new("when.weekly.days", "name at least one day"));
                }
                if *days_later > MOST_DAYS_LATER {
                    let problem = format!("{days_later} is out of range: 0 to {MOST_DAYS_LATER}");
                    return Err(InvalidTerms::new("when.weekly.days_later", problem));
                }
                in_order(*days_later > 0 || from < to, "when.weekly.to")?;
                check_zone("when.weekly.zone", zone)
            }
        }
    }

    /// The occurrences that reach into `from` to `until`, in order, at most [`MOST_PREVIEWS`]; also those over which
    /// the clocks go forward. A switch has none.
    pub fn occurrences(&self, from: Timestamp, until: Timestamp) -> Vec<Preview> {
        let zone = self.zone();
        let near = |preview: &Preview| match preview.instants {
            Some(instants) => instants.from < until && instants.to > from,
            None => zone.to_timestamp(preview.from).is_ok_and(|skipped| skipped >= from && skipped < until),
        };
        self.previews(&zone, from, until).filter(near).take(MOST_PREVIEWS).collect()
    }

    /// Tells whether it holds at `now`, and until when. Occurrences that overlap or touch count as one.
    pub fn holds_at(&self, now: Timestamp) -> Option<FreezeHold> {
        if let Self::Switch { until } = self {
            return until.is_none_or(|until| now < until).then_some(FreezeHold { until: *until });
        }
        let mut end = self.reaches(now)?;
        if self.never_ends() {
            return Some(FreezeHold { until: None });
        }
        // A week that is not covered as a whole has an end in it, unless the clocks go over just that.
        for _ in 0..MOST_PREVIEWS {
            let Some(later) = self.reaches(end) else { return Some(FreezeHold { until: Some(end) }) };
            end = later;
        }
        Some(FreezeHold { until: None })
    }

    /// The first instant later than `after` at which it begins or ends to hold; none when neither happens.
    pub fn next_edge(&self, after: Timestamp) -> Option<Timestamp> {
        if let Some(hold) = self.holds_at(after) {
            return hold.until;
        }
        let soon = after.checked_add(SOON).unwrap_or(Timestamp::MAX);
        let begins = |preview: Preview| preview.instants.map(|instants| instants.from);
        self.previews(&self.zone(), after, soon).filter_map(begins).filter(|begin| *begin > after).min()
    }

    /// The latest end of the occurrences that hold at `at`.
    fn reaches(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = self.zone();
        let instants = self.previews(&zone, at, at).filter_map(|preview| preview.instants);
        instants.filter(|instants| instants.contains(at)).map(|Occurrence { to, .. }| to).max()
    }

    /// The occurrences that may reach into `from` to `until`, and a few around them.
    fn previews<'a>(
        &'a self,
        zone: &'a TimeZone,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Preview> + 'a {
        let once = match self {
            Self::Once { from, to, .. } => Some((*from, *to)),
            _ => None,
        };
        let weekly = match self {
            Self::Weekly { days, from: begin, to: end, days_later, .. } => {
                let day = move |date: Date| {
                    let last = date.checked_add(i64::from(*days_later).days()).ok()?;
                    days.contains(&date.weekday().into()).then_some((date.to_datetime(*begin), last.to_datetime(*end)))
                };
                Some(days_around(from, until).filter_map(day))
            }
            _ => None,
        };
        once.into_iter().chain(weekly.into_iter().flatten()).map(|(from, to)| Preview::new(zone, from, to))
    }

    /// True when each week is covered by it as a whole.
    fn never_ends(&self) -> bool {
        let Self::Weekly { days, from, to, days_later, .. } = self else { return false };
        let length = SignedDuration::from_hours(24 * i64::from(*days_later)) + from.duration_until(*to);
        let numbers: Vec<i64> = days.iter().map(|day| *day as i64).collect();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return false };
        let apart = numbers.iter().zip(numbers.iter().skip(1)).map(|(day, next)| next - day);
        apart.chain([first + 7 - last]).all(|days| SignedDuration::from_hours(24 * days) <= length)
    }

    /// The zone of its local times. One that only a newer build knows is taken for UTC: so it holds at a wrong time
    /// rather than never.
    fn zone(&self) -> TimeZone {
        match self {
            Self::Switch { .. } => TimeZone::UTC,
            Self::Once { zone, .. } | Self::Weekly { zone, .. } => time_zone(zone).unwrap_or(TimeZone::UTC),
        }
    }
}

fn check_zone(field: &'static str, zone: &str) -> Result<(), InvalidTerms> {
    time_zone(zone).map(drop).map_err(|unknown| InvalidTerms::new(field, unknown.to_string()))
}

/// The local days, of any zone, on which an occurrence may begin that reaches into `from` to `until`.
fn days_around(from: Timestamp, until: Timestamp) -> impl Iterator<Item = Date> {
    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
    // An end lies at most seven days after its begin; a zone is at most two days of the calendar away from UTC.
    let first = day(from).checked_sub(9.days()).unwrap_or(Date::MIN);
    let last = day(until).checked_add(2.days()).unwrap_or(Date::MAX);
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

#[cfg(test)]
mod tests;
