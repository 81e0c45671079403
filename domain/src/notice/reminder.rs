//! Reminders: who is told again of what waits for them, and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::said::Said;
use crate::moment;
use crate::period::Period;

/// Most reminders of one version of a change request.
const MOST_REMINDERS: u32 = 3;
/// The time before its end at which somebody is told that a request ends by itself, and that a freeze begins.
const SOON: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The reminders that were given of one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// Their number.
    pub count: u32,
    /// The number of whole periods that had passed at the last one.
    pub periods: u64,
}

impl Reminded {
    /// What it is after a reminder that is due at `now` of what waits since `since`; none when none is due. Those that
    /// nobody could give while no server ran are not made up for.
    pub fn due(self, since: Timestamp, every: Period, now: Timestamp) -> Option<Self> {
        let length = every.after(Timestamp::UNIX_EPOCH).as_second().max(1);
        let passed = now.duration_since(since).as_secs() / length;
        let periods = u64::try_from(passed).unwrap_or(0);
        let due = periods > self.periods && self.count < MOST_REMINDERS;
        due.then_some(Self { count: self.count + 1, periods })
    }
}

/// True when `end` is less than a day away, and has not passed.
pub fn is_soon(end: Timestamp, now: Timestamp) -> bool {
    let left = end.duration_since(now);
    left.is_positive() && left <= SOON
}

/// The one message that reminds a reviewer of everything that waits for them.
pub fn digest(titles: &[String]) -> Said {
    let subject = match titles {
        [one] => format!("Still to review: {one}"),
        more => format!("Still to review: {} changes", more.len()),
    };
    Said::digest(subject, titles, "Open what waits for you, and approve it or ask for changes.", "/approvals")
}

/// The message that a request ends by itself within a day.
pub fn ends_soon(id: &crate::id::RequestId, title: &str, at: Timestamp) -> Said {
    let line = format!("The change ends by itself at {}, and nothing is changed then: {title}.", moment::in_words(at));
    let next = "Whoever may still review it approves it, or its author asks again.";
    Said::digest(format!("{title}: it ends soon"), &[line], next, &format!("/approvals/{id}"))
}

/// The message that a freeze begins within a day.
pub fn freeze_soon(name: &str, at: Timestamp) -> Said {
    let line = format!(
        "The freeze {name} begins at {}. While it holds, nothing is started on a deployment that you own.",
        moment::in_words(at)
    );
    let next = "Begin before it what cannot wait, or ask for it: what is asked for begins when the freeze ends.";
    Said::digest(format!("The freeze {name} begins soon"), &[line], next, "/freezes")
}

/// The message that nobody is left who owns these deployments.
pub fn ownerless(names: &[String]) -> Said {
    let line = format!("Nobody who can sign in owns {} any more.", names.join(", "));
    let subject = match names {
        [one] => format!("{one} has no owner"),
        more => format!("{} deployments have no owner", more.len()),
    };
    Said::digest(subject, &[line], "Give somebody the role owner on it, on its page under Access.", "/")
}

/// The message that nobody is left who can approve these requests.
pub fn reviewerless(titles: &[String]) -> Said {
    let subject = match titles {
        [one] => format!("Nobody is left to approve: {one}"),
        more => format!("Nobody is left to approve {} changes", more.len()),
    };
    Said::digest(subject, titles, "Name other reviewers in the policy, or enable a reviewer again.", "/approvals")
}

/// The message that messages could not be delivered; `to` is the name of a webhook, or none for mail.
pub fn undelivered(to: Option<&str>, problem: &str) -> Said {
    let (whom, line) = match to {
        Some(name) => (name, format!("Messages to the webhook {name} ended without being delivered: {problem}")),
        // The answer of a mail server may name a person, who may be erased.
        None => ("mail", "Mail ended without being delivered: it was refused, or not taken for three days.".to_owned()),
    };
    let next = "Deliveries says which messages those are and what was answered, and sends them again.";
    Said::digest(format!("Not delivered: {whom}"), &[line], next, "/notifications?show=deliveries")
}

/// The message that a webhook was switched off because its receiver said that it is gone.
pub fn switched_off(name: &str, problem: &str) -> Said {
    let line = format!(
        "The receiver of the webhook {name} said that it is gone ({problem}), so nothing is sent to it any more."
    );
    let next = "Give it another URL and switch it on, or delete it.";
    Said::digest(format!("The webhook {name} was switched off"), &[line], next, "/notifications?show=webhooks")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(hours)).unwrap()
    }

    /// The hours at which somebody is reminded who looks at these.
    fn reminded(looks: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let (mut reminded, mut given) = (Vec::new(), Reminded::default());
        for hour in looks {
            if let Some(next) = given.due(at(0), Period::days(1), at(hour)) {
                (given, _) = (next, reminded.push(hour));
            }
        }
        reminded
    }

    #[test]
    fn three_reminders_come_and_none_is_made_up_for() {
        assert_eq!(reminded(0..500), [24, 48, 72]);
        // Three days without a server: one, and the next one a day after the last whole day.
        assert_eq!(reminded([1, 75, 76, 95, 96, 97, 120, 144]), [75, 96, 120]);
        assert_eq!(reminded([-48, 0, 23]), Vec::<i64>::new());
    }

    #[test]
    fn soon_is_within_a_day_and_not_over() {
        let soon = [-1, 0, 1, 24, 25].map(|hour| is_soon(at(hour), at(0)));
        assert_eq!(soon, [false, false, true, true, false]);
    }
}
