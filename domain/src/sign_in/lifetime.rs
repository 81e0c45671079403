//! The times for which sessions, links and API tokens open doors, and how many of them somebody has.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The time without a request after which a session ends.
const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The time after which a session ends in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Hours for which an invitation can be accepted.
pub const INVITATION_HOURS: i64 = 72;
/// Minutes for which a link that was made on the machine signs in.
pub const ADMIN_LINK_MINUTES: i64 = 15;
/// Days for which an API token is accepted where nobody said otherwise…
pub const DEFAULT_TOKEN_DAYS: u32 = 90;
/// …and the most that can be said.
pub const LONGEST_TOKEN_DAYS: u32 = 365;
/// Most API tokens of one person or service.
pub const MOST_TOKENS: usize = 100;
/// Most sessions of one person; the one that was used longest ago gives way.
pub const MOST_SESSIONS: usize = 50;
/// Seconds within which a second use of a session or token is not noted.
pub const SEEN_SECONDS: i64 = 60;

/// The span of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSpan {
    /// The time at which it began.
    pub made_at: Timestamp,
    /// The time of its last request, as far as it was noted.
    pub seen_at: Timestamp,
}

impl SessionSpan {
    /// The time at which it ends, if there is no further request.
    pub fn ends_at(&self) -> Timestamp {
        let after = |at: Timestamp, time| at.saturating_add(time).unwrap_or(Timestamp::MAX);
        after(self.seen_at, IDLE).min(after(self.made_at, LONGEST))
    }

    /// True while it lets somebody in.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.ends_at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_a_week_without_use_and_after_thirty_days() {
        let day = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        for (seen, now, open) in [(0, 6, true), (0, 7, false), (6, 12, true), (29, 29, true), (29, 30, false)] {
            let span = SessionSpan { made_at: day(0), seen_at: day(seen) };
            assert_eq!(span.is_open(day(now)), open, "seen on day {seen}, day {now}");
        }
    }
}
