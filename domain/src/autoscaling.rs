//! Autoscaling: the number of replicas that the requests need (RAY-7, AZ-3).
//!
//! One replica is to be busy for `target_percent` of the requests that it answers at a time. What is asked is an interval
//! and not an instant: a look goes by the average since the look before, by the peak, and by what was refused. A wish for
//! more counts once every look within `up_delay_seconds` has agreed, each on what the last so many seconds came to; so
//! bursts that come again and again are seen by every look, and one alone is gone again in time. A wish for fewer counts
//! once every look within `down_delay_seconds` has agreed; it never goes below what was busy at the same time.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::configuration::Autoscaling;

/// The load of a deployment since somebody last looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests at a time that were answered or waited, on average, in thousandths.
    pub average_milli: u64,
    /// The most of them at one time.
    pub peak: u32,
    /// Requests that were refused because no replica had a place free in time.
    pub refused: u64,
}

impl Load {
    /// Both, one after the other, `n` looks after each other having gone into `self`.
    fn then(self, next: Self, n: u64) -> Self {
        Self {
            average_milli: (self.average_milli * n + next.average_milli) / (n + 1),
            peak: self.peak.max(next.peak),
            refused: self.refused + next.refused,
        }
    }
}

/// The number of replicas that a look recommends, and the load that it goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recommendation {
    /// The load of the last `up_delay_seconds`, at least since the look before.
    pub load: Load,
    /// The number of replicas that this needs.
    pub wanted: u32,
}

/// The trend of the looks since the last change. It is not recorded: a server that starts anew looks anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// The loads with their ends, as far back as a look goes.
    lately: VecDeque<(Timestamp, Load)>,
    /// The time since when every look wanted more.
    more_since: Option<Timestamp>,
    /// The time since when every look wanted fewer, and the most that any of them wanted.
    fewer_since: Option<(Timestamp, u32)>,
}

impl Trend {
    /// Takes a look where there are `current` replicas: `load` is what was asked since the look before. Answers the number
    /// to change to, once it is due, with what it goes by.
    pub fn look(
        &mut self,
        settings: &Autoscaling,
        max_concurrent_requests: u32,
        current: u32,
        load: Load,
        now: Timestamp,
    ) -> (Recommendation, Option<u32>) {
        let after = |since: Timestamp, seconds: u32| now >= since + SignedDuration::from_secs(seconds.into());
        self.lately.retain(|(until, _)| !after(*until, settings.up_delay_seconds));
        self.lately.push_back((now, load));
        let looks = self.lately.iter().map(|(_, load)| *load);
        let load = (0u64..).zip(looks).fold(Load::default(), |sum, (n, next)| sum.then(next, n));
        let busy = load.peak.div_ceil(max_concurrent_requests.max(1));
        let mut wanted = settings.wanted(load.average_milli, max_concurrent_requests);
        if load.refused > 0 {
            // Whatever the average: so many at a time were too many.
            wanted = settings.clamp(wanted.max(busy).max(current.saturating_add(1)));
        }
        let seen = Recommendation { load, wanted };
        if wanted > current {
            self.fewer_since = None;
            let since = *self.more_since.get_or_insert(now);
            if after(since, settings.up_delay_seconds) {
                (self.more_since, self.fewer_since) = (None, None);
                return (seen, Some(wanted));
            }
            return (seen, None);
        }
        self.more_since = None;
        let enough = settings.clamp(wanted.max(busy));
        if enough >= current {
            self.fewer_since = None;
            return (seen, None);
        }
        let (since, most) = self.fewer_since.map_or((now, enough), |(since, most)| (since, most.max(enough)));
        self.fewer_since = Some((since, most));
        if after(since, settings.down_delay_seconds) {
            (self.more_since, self.fewer_since) = (None, None);
            return (seen, Some(most));
        }
        (seen, None)
    }
}

#[cfg(test)]
mod tests;
