//! The last hour of a deployment's requests, for the dashboard. Seconds without requests take no room.

use std::collections::VecDeque;

use domain::metrics::{Histogram, RequestSum};
use domain::wire::Traffic;

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;
const LATELY: i64 = 10;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The end of the second before the first that was closed.
    since: Option<i64>,
    /// The end of each second of the last minute that had requests, and those.
    minute: VecDeque<(i64, RequestSum)>,
    /// The end of each second of the last hour that had requests, and their number.
    hour: VecDeque<(i64, u64)>,
}

impl Recent {
    /// Closes the second that ends at `at`, with all its requests.
    pub(super) fn close(&mut self, at: i64, sum: RequestSum) {
        self.since.get_or_insert(at - 1);
        if !sum.is_empty() {
            self.hour.push_back((at, sum.durations.requests()));
            self.minute.push_back((at, sum));
        }
        self.forget(at);
    }

    /// What was counted before this server started: of the last minute, and numbers of the last hour, both oldest first.
    pub(super) fn recall(&mut self, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        // What lies later was counted by a clock that was ahead.
        let before = self.since.unwrap_or(i64::MAX);
        hour.into_iter().rev().filter(|(at, _)| *at <= before).for_each(|count| self.hour.push_front(count));
        minute.into_iter().rev().filter(|(at, _)| *at <= before).for_each(|sum| self.minute.push_front(sum));
    }

    /// What is left of the last hour up to `until`, in place of what was counted.
    pub(super) fn recount(&mut self, until: i64, minute: Vec<(i64, RequestSum)>, hour: Vec<(i64, u64)>) {
        self.minute.retain(|(at, _)| *at > until);
        self.hour.retain(|(at, _)| *at > until);
        hour.into_iter().rev().for_each(|count| self.hour.push_front(count));
        minute.into_iter().rev().for_each(|sum| self.minute.push_front(sum));
    }

    fn forget(&mut self, now: i64) {
        while self.minute.pop_front_if(|(at, _)| *at <= now - MINUTE).is_some() {}
        while self.hour.pop_front_if(|(at, _)| *at <= now - HOUR).is_some() {}
        if self.hour.is_empty() && self.hour.capacity() > 0 {
            (self.minute, self.hour) = Default::default();
        }
    }

    /// Summed up as it is when the second that ends at `now` has just been closed.
    pub(super) fn traffic(&self, now: i64) -> Traffic {
        let mut minute = RequestSum::default();
        self.minute.iter().filter(|(at, _)| *at > now - MINUTE).for_each(|(_, sum)| minute.add(sum));
        let RequestSum { durations, failed } = &minute;
        let since = self.since.unwrap_or(now);
        let lately = self.minute.iter().filter(|(at, _)| *at > since.max(now - LATELY));
        let lately: u64 = lately.map(|(_, sum)| sum.durations.requests()).sum();
        let mut spark = vec![0; (HOUR / MINUTE) as usize];
        for (at, count) in &self.hour {
            let ago = (now - at).div_euclid(MINUTE);
            let place = usize::try_from(ago).ok().and_then(|ago| spark.len().checked_sub(ago + 1));
            if let Some(place) = place {
                spark[place] += count;
            }
        }
        Traffic {
            requests_per_second: lately as f64 / (now - since).clamp(1, LATELY) as f64,
            error_share: share(*failed, durations),
            p95_ms: durations.percentile_ms(0.95),
            spark,
            ..Traffic::default()
        }
    }
}

fn share(failed: u64, durations: &Histogram) -> Option<f64> {
    (!durations.is_empty()).then(|| failed as f64 / durations.requests() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(requests: u64, failed: u64) -> RequestSum {
        RequestSum { durations: Histogram::of_ascending([(90, requests)]), failed }
    }

    #[test]
    fn requests_are_summed_up_over_their_times() {
        let mut recent = Recent::default();
        recent.close(7, sum(100, 10));
        recent.close(8, RequestSum::default());
        let traffic = recent.traffic(8);
        assert_eq!((traffic.requests_per_second, traffic.error_share), (50.0, Some(0.1)));
        assert_eq!((traffic.spark[58], traffic.spark[59]), (0, 100));
        assert!(traffic.p95_ms.is_some());
        for at in 9..=68 {
            recent.close(at, RequestSum::default());
        }
        let traffic = recent.traffic(68);
        assert_eq!((traffic.requests_per_second, traffic.error_share, traffic.p95_ms), (0.0, None, None));
        assert_eq!((traffic.spark[58], traffic.spark[59]), (100, 0));
    }

    #[test]
    fn an_hour_is_kept_and_what_is_old_takes_no_room() {
        let mut recent = Recent::default();
        for at in 1..=HOUR + 10 {
            recent.close(at, sum(1, 1));
        }
        assert_eq!(recent.traffic(HOUR + 10).spark, [60; 60]);
        assert_eq!((recent.hour.len(), recent.minute.len()), (3_600, 60));
        recent.close(3 * HOUR, RequestSum::default());
        assert_eq!(recent.traffic(3 * HOUR).spark, [0; 60]);
        assert_eq!((recent.hour.capacity(), recent.minute.capacity()), (0, 0));
    }

    #[test]
    fn what_is_left_takes_the_place_of_what_was_counted() {
        let mut recent = Recent::default();
        (900..=1_000).for_each(|at| recent.close(at, sum(2, 1)));
        recent.recount(998, vec![(990, sum(5, 0))], vec![(930, 7), (990, 5)]);
        let traffic = recent.traffic(1_000);
        assert_eq!(traffic.spark[58..], [7, 9]);
        assert_eq!(traffic.error_share, Some(2.0 / 9.0), "of five that are left and four that came later");
        recent.recount(1_000, vec![], vec![]);
        assert_eq!((recent.traffic(1_000).spark, recent.traffic(1_000).error_share), (vec![0; 60], None));
    }

    #[test]
    fn what_an_earlier_server_counted_is_shown_where_it_belongs() {
        let mut recent = Recent::default();
        recent.close(1_000, sum(3, 0));
        recent.recall(vec![(990, sum(10, 5)), (2_000, sum(9, 9))], vec![(960, 60), (990, 10), (2_000, 9)]);
        recent.close(1_001, RequestSum::default());
        let traffic = recent.traffic(1_001);
        assert_eq!((traffic.spark[58], traffic.spark[59]), (0, 73));
        assert_eq!(traffic.error_share, Some(5.0 / 13.0));
        assert_eq!(traffic.requests_per_second, 1.5, "of the seconds since the start");
        assert_eq!(recent.traffic(1_030).spark[58..], [60, 13]);
    }
}
