//! How many replicas the requests ask for (RAY-7, AZ-3).
//!
//! One replica is to be busy for `target_percent` of the requests that it answers at a time. A wish for
//! more or fewer replicas counts once every look within its delay has agreed on the direction, so that a
//! short burst or a short pause changes nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::configuration::InvalidConfiguration;
use crate::strategy::MAX_REPLICAS;

/// Between how many replicas, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Autoscaling {
    /// The fewest replicas. Default 1, 1 to 1,000.
    pub min_replicas: u32,
    /// The most replicas. Default 10, `min_replicas` to 1,000.
    pub max_replicas: u32,
    /// Seconds between two looks. Default 1, 1 to 3,600.
    pub refresh_seconds: u32,
    /// Share of `max_concurrent_requests` that a replica is meant to be busy with, in percent. Default 70, 1 to 100.
    pub target_percent: u32,
    /// Seconds for which more must have been asked for. Default 5, at most 3,600.
    pub up_delay_seconds: u32,
    /// Seconds for which fewer must have been enough. Default 60, at most 86,400.
    pub down_delay_seconds: u32,
}

impl Default for Autoscaling {
    fn default() -> Self {
        Self {
            min_replicas: 1,
            max_replicas: 10,
            refresh_seconds: 1,
            target_percent: 70,
            up_delay_seconds: 5,
            down_delay_seconds: 60,
        }
    }
}

impl Autoscaling {
    pub(crate) fn check(&self) -> Result<(), InvalidConfiguration> {
        for (field, value, least, most) in [
            ("autoscaling.min_replicas", self.min_replicas, 1, MAX_REPLICAS),
            ("autoscaling.max_replicas", self.max_replicas, 1, MAX_REPLICAS),
            ("autoscaling.refresh_seconds", self.refresh_seconds, 1, 3_600),
            ("autoscaling.target_percent", self.target_percent, 1, 100),
            ("autoscaling.up_delay_seconds", self.up_delay_seconds, 0, 3_600),
            ("autoscaling.down_delay_seconds", self.down_delay_seconds, 0, 86_400),
        ] {
            if !(least..=most).contains(&value) {
                return Err(InvalidConfiguration {
                    field,
                    problem: format!("{value} is out of range: {least} to {most}"),
                });
            }
        }
        if self.min_replicas > self.max_replicas {
            return Err(InvalidConfiguration {
                field: "autoscaling.min_replicas",
                problem: format!("{} is more than max_replicas, {}", self.min_replicas, self.max_replicas),
            });
        }
        Ok(())
    }

    /// `replicas`, brought between the fewest and the most.
    pub fn clamp(&self, replicas: u32) -> u32 {
        replicas.clamp(self.min_replicas, self.max_replicas.max(self.min_replicas))
    }

    /// How many replicas `requests` at a time need, when each answers `max_concurrent_requests`.
    pub fn wanted(&self, requests: u32, max_concurrent_requests: u32) -> u32 {
        let each = u64::from(max_concurrent_requests) * u64::from(self.target_percent);
        let needed = (u64::from(requests) * 100).div_ceil(each.max(1));
        self.clamp(u32::try_from(needed).unwrap_or(MAX_REPLICAS))
    }
}

/// What the looks since the last change have agreed on. It is not recorded: a server that starts anew looks anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// Since when every look wanted more.
    more_since: Option<Timestamp>,
    /// Since when every look wanted fewer, and the most that any of them wanted.
    fewer_since: Option<(Timestamp, u32)>,
}

impl Trend {
    /// Takes a look: `wanted` replicas where there are `current`. Answers the number to change to, once it is due.
    pub fn look(&mut self, settings: &Autoscaling, current: u32, wanted: u32, now: Timestamp) -> Option<u32> {
        let after = |since: Timestamp, seconds: u32| now >= since + SignedDuration::from_secs(seconds.into());
        if wanted > current {
            self.fewer_since = None;
            let since = *self.more_since.get_or_insert(now);
            if after(since, settings.up_delay_seconds) {
                *self = Self::default();
                return Some(wanted);
            }
        } else if wanted < current {
            self.more_since = None;
            let (since, most) = self.fewer_since.map_or((now, wanted), |(since, most)| (since, most.max(wanted)));
            self.fewer_since = Some((since, most));
            if after(since, settings.down_delay_seconds) {
                *self = Self::default();
                return Some(most);
            }
        } else {
            *self = Self::default();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection, prop_assert, prop_assert_eq, proptest};

    const SETTINGS: Autoscaling = Autoscaling {
        min_replicas: 1,
        max_replicas: 10,
        refresh_seconds: 1,
        target_percent: 70,
        up_delay_seconds: 2,
        down_delay_seconds: 4,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_replica_is_meant_to_be_busy_for_its_share() {
        for (requests, each, expected) in [(0, 1, 1), (1, 1, 2), (7, 1, 10), (7, 10, 1), (8, 10, 2), (1000, 1, 10)] {
            assert_eq!(SETTINGS.wanted(requests, each), expected, "{requests} requests, {each} at a time");
        }
    }

    #[test]
    fn a_change_waits_for_its_delay_and_a_contrary_look_begins_it_anew() {
        let mut trend = Trend::default();
        let looks = [(0, 3, None), (1, 3, None), (2, 1, None), (3, 4, None), (4, 4, None), (5, 5, Some(5))];
        for (second, wanted, expected) in looks {
            assert_eq!(trend.look(&SETTINGS, 2, wanted, at(second)), expected, "second {second}");
        }
        let looks = [(10, 1, None), (11, 3, None), (12, 2, None), (13, 1, None), (14, 1, Some(3))];
        for (second, wanted, expected) in looks {
            assert_eq!(trend.look(&SETTINGS, 5, wanted, at(second)), expected, "second {second}");
        }
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_bounds_nor_moves_against_the_look(
            looks in collection::vec((0u32..40, 1i64..4), 1..60), delays in (0u32..5, 0u32..5),
        ) {
            let settings = Autoscaling { up_delay_seconds: delays.0, down_delay_seconds: delays.1, ..SETTINGS };
            let (mut trend, mut current, mut now) = (Trend::default(), 3, 0);
            for (requests, pause) in looks {
                now += pause;
                let wanted = settings.wanted(requests, 2);
                if let Some(to) = trend.look(&settings, current, wanted, at(now)) {
                    prop_assert_eq!(to > current, wanted > current);
                    prop_assert!((settings.min_replicas..=settings.max_replicas).contains(&to));
                    current = to;
                }
            }
        }
    }
}
