//! The revision of a rollback for which nobody names one (VX-5): one rule for the command and for the dialog.

use crate::id::RevisionNumber;
use crate::revision::RevisionState;

/// A revision as far as going back goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The number of the revision.
    pub number: RevisionNumber,
    /// The state that it has come to.
    pub state: RevisionState,
    /// It is known to be bad (CO-6).
    pub known_bad: bool,
    /// Equal for revisions that ask for the same; none where that is not known any more.
    pub content: Option<String>,
    /// The earlier revision whose configuration it was made to go back to.
    pub rolled_back_to: Option<RevisionNumber>,
}

/// The goal of a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollbackGoal {
    /// To the last good revision that asks for something else than the one in use.
    To(RevisionNumber),
    /// The one in use was itself gone back to, and the next one would bring back what that left: a person has to name it.
    Undoes {
        /// The revision that the one in use went back to.
        rolled_back_to: RevisionNumber,
        /// The revision that would come back.
        again: RevisionNumber,
    },
    /// There is no earlier revision that worked.
    Nothing,
}

/// The goal of a rollback from revision `in_use`. `revisions` are all that are listed, newest first.
pub fn goal(in_use: RevisionNumber, revisions: &[Earlier]) -> RollbackGoal {
    let current = revisions.iter().find(|revision| revision.number == in_use);
    let content = current.and_then(|revision| revision.content.as_ref());
    let worked = |revision: &&Earlier| {
        matches!(revision.state, RevisionState::InUse | RevisionState::Past)
            && !revision.known_bad
            && revision.content.is_some()
            && revision.content.as_ref() != content
    };
    let Some(found) = revisions.iter().find(worked) else { return RollbackGoal::Nothing };
    match current.and_then(|revision| revision.rolled_back_to) {
        Some(rolled_back_to) if found.number > rolled_back_to => {
            RollbackGoal::Undoes { rolled_back_to, again: found.number }
        }
        _ => RollbackGoal::To(found.number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Revisions as `(content, rolled back to)`, the first one 1; the last one is in use.
    fn story(steps: &[(&str, Option<u32>)]) -> (RevisionNumber, Vec<Earlier>) {
        let last = steps.len() as u32;
        let revisions = (1..).zip(steps).map(|(number, (content, back))| Earlier {
            number: RevisionNumber(number),
            state: if number == last { RevisionState::InUse } else { RevisionState::Past },
            known_bad: content.ends_with('!'),
            content: Some(content.trim_end_matches('!').to_owned()),
            rolled_back_to: back.map(RevisionNumber),
        });
        let mut revisions: Vec<_> = revisions.collect();
        revisions.reverse();
        (RevisionNumber(last), revisions)
    }

    #[test]
    fn a_rollback_goes_to_the_last_good_one_and_a_second_one_does_not_undo_it() {
        let undoes =
            |to, again| RollbackGoal::Undoes { rolled_back_to: RevisionNumber(to), again: RevisionNumber(again) };
        let to = |number| RollbackGoal::To(RevisionNumber(number));
        for (steps, expected) in [
            (&[("a", None)][..], RollbackGoal::Nothing),
            (&[("a", None), ("b", None)], to(1)),
            (&[("a", None), ("a", None)], RollbackGoal::Nothing),
            (&[("a", None), ("b!", None), ("c", None)], to(1)),
            // The second one in a row, also after a relaunch, which keeps what it finds.
            (&[("a", None), ("b", None), ("a", Some(1))], undoes(1, 2)),
            (&[("a", None), ("b", None), ("a", Some(1)), ("a", Some(1))], undoes(1, 2)),
            // Further back than the one before is no undoing.
            (&[("a", None), ("b", None), ("c!", None), ("b", Some(2))], to(1)),
            // After an update a rollback is one like any other.
            (&[("a", None), ("b", None), ("a", Some(1)), ("c", None)], to(3)),
            // Back to the one that had been gone back to, and then again.
            (&[("a", None), ("b", None), ("a", Some(1)), ("c", None), ("a", Some(3))], undoes(3, 4)),
        ] {
            let (in_use, revisions) = story(steps);
            assert_eq!(goal(in_use, &revisions), expected, "{steps:?}");
        }
    }
}
