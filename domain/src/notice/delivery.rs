//! The way of a message to a mail server or a webhook: when it is tried again, and how it ends.

use jiff::{SignedDuration, Timestamp};

words! {
    /// The state of a message on its way.
    pub enum DeliveryState {
        /// It waits for its first attempt, or for the next one.
        Waiting = "waiting",
        /// It was accepted at the other end.
        Delivered = "delivered",
        /// It was refused for good.
        Refused = "refused",
        /// It was tried for three days in vain.
        GivenUp = "given_up",
    }
}

/// The wait after the first attempt that failed; it doubles with each further one.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait between two attempts.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);
/// The time after which nothing is tried any more.
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// The other end has it.
    Accepted,
    /// It may be taken later.
    NotNow,
    /// It will never be taken.
    Never,
}

/// The state of a message made at `made` after its `attempts`-th attempt at `now`, and the time of the next one where there
/// is one.
pub fn after_attempt(
    attempted: Attempted,
    attempts: u32,
    made: Timestamp,
    now: Timestamp,
) -> (DeliveryState, Option<Timestamp>) {
    match attempted {
        Attempted::Accepted => (DeliveryState::Delivered, None),
        Attempted::Never => (DeliveryState::Refused, None),
        Attempted::NotNow => {
            let end = later(made, GIVEN_UP_AFTER);
            let next = later(now, wait(attempts));
            if now >= end { (DeliveryState::GivenUp, None) } else { (DeliveryState::Waiting, Some(next.min(end))) }
        }
    }
}

/// The wait after the `attempts`-th attempt in a row that failed, counted from 1.
pub fn wait(attempts: u32) -> SignedDuration {
    let doubled = 2_i32.checked_pow(attempts.saturating_sub(1)).and_then(|times| FIRST_WAIT.checked_mul(times));
    doubled.map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_from_30_seconds_to_6_hours_for_3_days() {
        let seconds: Vec<_> = (1..=12).map(|attempts| wait(attempts).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]);
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
        let (mut now, mut attempts, mut waits) = (Timestamp::UNIX_EPOCH, 0, 0);
        let ended = loop {
            attempts += 1;
            match after_attempt(Attempted::NotNow, attempts, Timestamp::UNIX_EPOCH, now) {
                (DeliveryState::Waiting, Some(next)) => {
                    assert!(next > now);
                    now = next;
                    waits += 1;
                }
                (state, next) => break (state, next),
            }
        };
        assert_eq!(ended, (DeliveryState::GivenUp, None));
        // The last attempt is at the end of the third day.
        assert_eq!((now.duration_since(Timestamp::UNIX_EPOCH), waits), (GIVEN_UP_AFTER, attempts - 1));
        assert_eq!(attempts, 22);
    }

    #[test]
    fn what_was_accepted_or_refused_is_not_tried_again() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(after_attempt(Attempted::Accepted, 1, now, now), (DeliveryState::Delivered, None));
        assert_eq!(after_attempt(Attempted::Never, 1, now, now), (DeliveryState::Refused, None));
        assert_eq!(after_attempt(Attempted::NotNow, 1, Timestamp::MAX, Timestamp::MAX).0, DeliveryState::GivenUp);
    }
}
