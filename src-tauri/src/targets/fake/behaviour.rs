//! The behaviour of the fake target's replicas as time passes.

use std::collections::HashMap;

use domain::replica::{Observed, Seen};
use jiff::{SignedDuration, Timestamp};

use crate::targets::Launch;

/// The behaviour of a model's replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Ready after so long.
    Ready(SignedDuration),
    /// Runs and never becomes ready.
    NeverReady,
    /// Ends by itself after so long.
    Crashes(SignedDuration),
    /// Ends by itself after so long, and says that this does not change by trying again.
    CannotRun(SignedDuration),
    /// Cannot be started at all.
    CannotStart,
    /// Ready and not ready in turns of this length, ready first.
    Flaps(SignedDuration),
    /// Ready at once, and fails its health route from so long after its start on.
    Sickens(SignedDuration),
    /// Ready at once, and ends by itself so long after its start.
    CrashesLater(SignedDuration),
    /// Ready at once, and goes on for so long after it was told to end.
    IgnoresStop(SignedDuration),
}

/// A replica.
pub(super) struct Fake {
    pub(super) launch: Launch,
    /// The replica is accepted, and waits for a place.
    pub(super) waits: bool,
    pub(super) started: Timestamp,
    /// When it was told to end.
    pub(super) told_to_end: Option<Timestamp>,
    pub(super) seen: Seen,
}

pub(super) fn behaviour(fake: &Fake, behaviours: &HashMap<String, Behaviour>) -> Behaviour {
    let model = fake.launch.configuration.models.first().map(ToString::to_string).unwrap_or_default();
    behaviours.get(&model).copied().unwrap_or(Behaviour::Ready(SignedDuration::ZERO))
}

/// Lets happen to a replica what is due by now.
pub(super) fn step(fake: &mut Fake, behaviours: &HashMap<String, Behaviour>, now: Timestamp) {
    use Observed::{Absent, Exited, Ready, Starting, Unready};
    let seen = fake.seen.observed;
    if !seen.may_exist() || (fake.waits && fake.told_to_end.is_none()) {
        return;
    }
    let (starts, is_ready, age) = (matches!(seen, Starting { .. }), seen.is_ready(), now.duration_since(fake.started));
    let next = match (behaviour(fake, behaviours), fake.told_to_end) {
        (Behaviour::IgnoresStop(after), Some(told)) if now < told + after => None,
        (_, Some(_)) => Some(Absent),
        (Behaviour::Ready(after), _) if starts && age >= after => Some(Ready { since: now }),
        (Behaviour::Crashes(after) | Behaviour::CannotRun(after), _) if starts && age >= after => {
            Some(Exited { at: now })
        }
        (Behaviour::CrashesLater(after), _) if age >= after => Some(Exited { at: now }),
        (Behaviour::Sickens(after), _) if age >= after => is_ready.then_some(Unready { since: now }),
        (Behaviour::Flaps(turn), _) if age.as_nanos() / turn.as_nanos() % 2 == 1 => {
            is_ready.then_some(Unready { since: now })
        }
        (Behaviour::Flaps(_), _) => (!is_ready).then_some(Ready { since: now }),
        (Behaviour::CrashesLater(_) | Behaviour::Sickens(_) | Behaviour::IgnoresStop(_), _) => {
            starts.then_some(Ready { since: now })
        }
        (Behaviour::Ready(_) | Behaviour::Crashes(_) | Behaviour::CannotRun(_), _) => None,
        (Behaviour::NeverReady | Behaviour::CannotStart, _) => None,
    };
    match next {
        Some(Exited { .. }) if matches!(behaviour(fake, behaviours), Behaviour::CannotRun(_)) => {
            fake.seen.problem = Some("the model cannot be served".to_owned());
            fake.seen.lasting = true;
        }
        Some(Exited { .. }) => fake.seen.problem = Some("it crashed".to_owned()),
        Some(Unready { .. }) => fake.seen.problem = Some("its health route failed".to_owned()),
        _ => {}
    }
    fake.seen.observed = next.unwrap_or(seen);
}
