//! Those who are on their way to the identity provider and back. Kept in memory alone: after a restart they begin anew.

use std::sync::{Mutex, PoisonError};

use domain::id::SessionId;
use domain::sign_in::ERRAND_MINUTES;
use domain::wire::Errand;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::api::provider::SetOut;

/// Most of them.
const MOST: usize = 10_000;
/// Most from one source, so that nobody crowds out everybody else.
const MOST_OF_SOURCE: usize = 100;

/// Somebody who is on their way.
#[derive(Clone, Debug)]
pub(super) struct OnTheWay {
    /// SHA-256 of what their browser keeps, in hexadecimal.
    pub(super) hash: String,
    pub(super) errand: Errand,
    /// The hash of what an invitation's link holds, with `join`.
    pub(super) invitation: Option<String>,
    /// The session in which they went, for what concerns it.
    pub(super) session: Option<SessionId>,
    pub(super) begun: SetOut,
    pub(super) at: Timestamp,
    /// The place that they came from.
    pub(super) source: String,
}

/// All who are on their way, oldest first.
#[derive(Default)]
pub(super) struct Errands(Mutex<Vec<OnTheWay>>);

impl Errands {
    /// Notes that somebody goes. Whoever went longest ago of too many has to begin anew: a stranger, while there is one.
    pub(super) fn goes(&self, one: OnTheWay) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| is_open(other, one.at));
        let same = all.iter().filter(|other| other.source == one.source).count();
        let oldest = |gives_way: &dyn Fn(&OnTheWay) -> bool| {
            let stranger = all.iter().position(|other| gives_way(other) && other.session.is_none());
            stranger.or_else(|| all.iter().position(gives_way))
        };
        let crowding = match (same >= MOST_OF_SOURCE, all.len() >= MOST) {
            (true, _) => oldest(&|other| other.source == one.source),
            (false, true) => oldest(&|_| true),
            (false, false) => None,
        };
        if let Some(crowding) = crowding {
            all.remove(crowding);
        }
        all.push(one);
    }

    /// Whoever comes back with one of these cookies and the state that belongs to it, once. A wrong state uses nothing up:
    /// it may be that of another tab, or of a page that somebody else planted, and nobody guesses one.
    pub(super) fn returns(&self, cookies: &[String], state: &str, now: Timestamp) -> Option<OnTheWay> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |one: &OnTheWay| bool::from(one.begun.state.reveal().as_bytes().ct_eq(state.as_bytes()));
        let found = all.iter().position(|one| cookies.contains(&one.hash) && is_same(one))?;
        Some(all.remove(found)).filter(|one| is_open(one, now))
    }
}

fn is_open(one: &OnTheWay, now: Timestamp) -> bool {
    now.duration_since(one.at) < SignedDuration::from_mins(ERRAND_MINUTES)
}

#[cfg(test)]
mod tests {
    use domain::secret::Secret;

    use super::*;

    fn going(hash: &str, source: &str, at: Timestamp) -> OnTheWay {
        let secret = |name: &str| Secret::new(format!("{name} of {hash}"));
        OnTheWay {
            hash: hash.to_owned(),
            errand: Errand::SignIn,
            invitation: None,
            session: None,
            begun: SetOut {
                location: String::new(),
                state: secret("state"),
                nonce: secret("nonce"),
                verifier: secret("verifier"),
            },
            at,
            source: source.to_owned(),
        }
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn back(errands: &Errands, hash: &str, state: &str, now: i64) -> bool {
        errands.returns(&["other".to_owned(), hash.to_owned()], &format!("state of {state}"), minute(now)).is_some()
    }

    #[test]
    fn somebody_comes_back_once_in_time_and_with_their_own_state() {
        let errands = Errands::default();
        for hash in ["a", "b", "c", "d"] {
            errands.goes(going(hash, "here", minute(0)));
        }
        assert!(back(&errands, "a", "a", 9) && !back(&errands, "a", "a", 9), "once");
        assert!(!back(&errands, "b", "c", 1) && back(&errands, "b", "b", 1), "a wrong state uses nothing up");
        let tabs = ["c".to_owned(), "d".to_owned()];
        assert!(errands.returns(&tabs, "state of d", minute(1)).is_some(), "each tab by its own state");
        errands.goes(going("d", "here", minute(0)));
        assert!(!back(&errands, "c", "c", 10), "in time");
        assert!(!back(&errands, "e", "d", 1) && back(&errands, "d", "d", 1), "whose cookie it is");
    }

    #[test]
    fn nobody_crowds_out_who_comes_from_elsewhere() {
        let errands = Errands::default();
        errands.goes(going("ada", "here", minute(0)));
        for n in 0..=MOST_OF_SOURCE {
            errands.goes(going(&format!("eve {n}"), "there", minute(1)));
        }
        assert!(!back(&errands, "eve 0", "eve 0", 2) && back(&errands, "eve 1", "eve 1", 2));
        for n in 0..MOST {
            errands.goes(going(&format!("{n}"), &format!("everywhere {n}"), minute(3)));
        }
        assert!(!back(&errands, "ada", "ada", 4) && back(&errands, "0", "0", 4), "the oldest gives way");
        assert!(errands.0.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn strangers_do_not_crowd_out_who_has_signed_in() {
        let errands = Errands::default();
        let session = Some("s1".parse().unwrap());
        errands.goes(OnTheWay { session, ..going("ada", "here", minute(0)) });
        for n in 0..=MOST_OF_SOURCE {
            errands.goes(going(&format!("eve {n}"), "here", minute(1)));
        }
        for n in 0..=MOST {
            errands.goes(going(&format!("{n}"), &format!("everywhere {n}"), minute(2)));
        }
        assert!(back(&errands, "ada", "ada", 3) && !back(&errands, "eve 50", "eve 50", 3));
    }
}
