//! Limits on attempts to sign in: an account waits ever longer and is never locked for good, a source has a number a
//! minute.

use jiff::{SignedDuration, Timestamp};

/// Longest wait of an account.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// The time after which failures of an account are forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
/// Failures that a source has…
const MOST: u32 = 20;
/// …within this time.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

words! {
    /// The two things by which attempts are counted.
    pub enum Counted {
        /// The account that is tried, whether there is one or not.
        Account = "account",
        /// The place from which it is tried.
        Source = "source",
    }
}

/// The attempts that failed, of one account or from one source. One that is still being looked at counts as failed, so
/// that many at once are no way around the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// Their number.
    pub count: u32,
    /// The time of the first one that counts.
    pub since: Timestamp,
    /// The time of the last one.
    pub last: Timestamp,
}

impl Failures {
    /// The time that has to pass at `now` before the next attempt; none when it may be made.
    pub fn wait(&self, of: Counted, now: Timestamp) -> Option<SignedDuration> {
        let free_at = match of {
            _ if self.is_forgotten(of, now) => return None,
            Counted::Account => self.last.saturating_add(delay(self.count)),
            Counted::Source if self.count < MOST => return None,
            Counted::Source => self.since.saturating_add(WINDOW),
        };
        let left = free_at.unwrap_or(Timestamp::MAX).duration_since(now);
        left.is_positive().then_some(left)
    }

    /// `before` and one more at `now`.
    pub fn with_one_more(before: Option<Self>, of: Counted, now: Timestamp) -> Self {
        match before.filter(|failures| !failures.is_forgotten(of, now)) {
            Some(failures) => Self { count: failures.count.saturating_add(1), last: now, ..failures },
            None => Self { count: 1, since: now, last: now },
        }
    }

    /// True when they do not count any more.
    pub fn is_forgotten(&self, of: Counted, now: Timestamp) -> bool {
        match of {
            Counted::Account => now.duration_since(self.last) >= FORGOTTEN,
            Counted::Source => now.duration_since(self.since) >= WINDOW,
        }
    }
}

/// The wait after so many failures: a second, and twice as long after each further one.
fn delay(count: u32) -> SignedDuration {
    let doubled = 1_i64.checked_shl(count.saturating_sub(1).min(30)).unwrap_or(i64::MAX);
    SignedDuration::from_secs(doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn seconds(wait: Option<SignedDuration>) -> i64 {
        wait.map_or(0, |wait| wait.as_secs())
    }

    #[test]
    fn an_account_waits_twice_as_long_each_time_and_never_for_good() {
        let (mut failures, mut now, mut waits) = (None, 0, Vec::new());
        for _ in 0..40 {
            let next = Failures::with_one_more(failures, Counted::Account, at(now));
            let wait = seconds(next.wait(Counted::Account, at(now)));
            assert_eq!(seconds(next.wait(Counted::Account, at(now + wait))), 0);
            waits.push(wait);
            now += wait;
            failures = Some(next);
        }
        assert_eq!(waits[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
        assert!(waits[10..].iter().all(|wait| *wait == 900));
        assert!(failures.unwrap().is_forgotten(Counted::Account, at(now + 86_400)));
    }

    #[test]
    fn a_source_has_twenty_a_minute() {
        let mut failures = None;
        for n in 0..20 {
            assert_eq!(failures.and_then(|f: Failures| f.wait(Counted::Source, at(n))), None, "{n}");
            failures = Some(Failures::with_one_more(failures, Counted::Source, at(n)));
        }
        assert_eq!(seconds(failures.unwrap().wait(Counted::Source, at(20))), 40);
        assert_eq!(failures.unwrap().wait(Counted::Source, at(60)), None);
        assert_eq!(Failures::with_one_more(failures, Counted::Source, at(60)).count, 1);
    }
}
