//! The times for which sessions, links and API tokens open doors, and how many of them somebody has.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::session::SignInMethod;

/// The time without a request after which a session ends.
const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The time after which a session ends in any case.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Hours for which the word of an identity provider counts, which may have let somebody go meanwhile: sessions that begin
/// there, and what it gave.
pub const PROVIDER_HOURS: i64 = 12;
/// Hours for which an invitation can be accepted.
pub const INVITATION_HOURS: i64 = 72;
/// Minutes in which somebody comes back from the identity provider.
pub const ERRAND_MINUTES: i64 = 10;
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
    /// The time at which it ends, if there is no further request. It began `with` that.
    pub fn ends_at(&self, with: SignInMethod) -> Timestamp {
        let after = |at: Timestamp, time| at.saturating_add(time).unwrap_or(Timestamp::MAX);
        let of_provider = SignedDuration::from_hours(PROVIDER_HOURS);
        let longest = if with == SignInMethod::Provider { of_provider } else { LONGEST };
        after(self.seen_at, IDLE).min(after(self.made_at, longest))
    }

    /// True while it lets somebody in.
    pub fn is_open(&self, with: SignInMethod, now: Timestamp) -> bool {
        now < self.ends_at(with)
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
            assert_eq!(span.is_open(SignInMethod::Password, day(now)), open, "seen on day {seen}, day {now}");
        }
    }

    #[test]
    fn one_that_began_at_a_provider_ends_after_twelve_hours() {
        let hour = |hour: i64| Timestamp::from_second(hour * 3_600).unwrap();
        let span = SessionSpan { made_at: hour(0), seen_at: hour(11) };
        assert!(span.is_open(SignInMethod::Provider, hour(11)) && !span.is_open(SignInMethod::Provider, hour(12)));
        assert!(span.is_open(SignInMethod::Token, hour(12)));
    }
}
