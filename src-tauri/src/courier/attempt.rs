//! What comes of an attempt to bring a message.

use domain::notice::Attempted;
use domain::wire::TryAnswer;

/// What came of an attempt, with the answer of the other end or the reason why there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttemptOutcome {
    /// The other end has it.
    Accepted(String),
    /// It does not take this message now.
    NotNow(String),
    /// It will never take this message.
    Never(String),
    /// It takes no message at all now.
    Away(String),
    /// It takes no message ever again.
    Gone(String),
}

impl AttemptOutcome {
    /// What it is to the message, and the answer.
    pub(super) fn of_message(&self) -> (Attempted, &str) {
        match self {
            Self::Accepted(answer) => (Attempted::Accepted, answer),
            Self::NotNow(answer) | Self::Away(answer) => (Attempted::NotNow, answer),
            Self::Never(answer) | Self::Gone(answer) => (Attempted::Never, answer),
        }
    }

    /// The same of a message that was sent to try something.
    pub(super) fn tried(&self) -> TryAnswer {
        let (attempted, answer) = self.of_message();
        TryAnswer { accepted: attempted == Attempted::Accepted, answer: answer.to_owned() }
    }
}

/// Longest answer that is kept, in characters.
const LONGEST_ANSWER: usize = 500;

/// An answer of somebody else as it is kept and shown: in bounds, and all of it to be seen.
pub(super) fn shown(answer: &str) -> String {
    let answer: String = answer.trim().chars().take(LONGEST_ANSWER).collect();
    domain::visible::shown(&answer).into_owned()
}
