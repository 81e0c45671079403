//! The last good revision, to which anybody who may roll back goes without a question, also while a freeze holds.

use domain::id::RevisionNumber;
use domain::ledger::{Deployment, Revision};
use domain::rollback::{self, Earlier, RollbackGoal};
use domain::wire::ErrorCode;

use super::{Moment, Refusal};

impl Moment<'_> {
    /// True when going back to a revision asks nobody, as things are now.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn is_last_good(&self, row: &Deployment, number: RevisionNumber) -> Result<bool, Refusal> {
        match last_good(*self, row) {
            Ok(good) => Ok(good.number == number),
            Err(refusal) if refusal.code.status() < 500 => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The revision to go back to when none is named, by the rule that the page goes by too.
pub(super) fn last_good(moment: Moment<'_>, row: &Deployment) -> Result<Revision, Refusal> {
    let revisions = moment.reading.revisions(&row.id)?;
    let mut earlier = Vec::new();
    for revision in &revisions {
        let configuration = moment.reading.configuration(&revision.configuration)?;
        earlier.push(Earlier {
            number: revision.number,
            state: revision.state,
            known_bad: revision.quarantined.is_some(),
            content: configuration.map(|found| found.configuration.content_hash()),
            rolled_back_to: revision.rolled_back_to,
        });
    }
    let found = |number| revisions.iter().find(|revision| revision.number == number).cloned();
    let nothing = || {
        Refusal::new(
            ErrorCode::NoEarlierRevision,
            format!(
                "{} has no earlier revision that worked and differs from the one in use. Name one with \"to\".",
                row.name
            ),
        )
    };
    match rollback::goal(row.shown_revision(), &earlier) {
        RollbackGoal::To(number) => found(number).ok_or_else(nothing),
        RollbackGoal::Nothing => Err(nothing()),
        RollbackGoal::Undoes { rolled_back_to, again } => {
            let bound = found(again).map(|revision| moment.reading.configuration(&revision.configuration));
            let models = bound.transpose()?.flatten().map(|found| found.configuration.models).unwrap_or_default();
            let models: Vec<_> = models.iter().map(ToString::to_string).collect();
            let models = if models.is_empty() { String::new() } else { format!(" ({})", models.join(", ")) };
            Err(Refusal::new(
                ErrorCode::UndoesRollback,
                format!(
                    "{} was rolled back to revision {rolled_back_to}. Another rollback would bring back revision {again}{models}, which was left by that. If this is what you mean, name it with \"to\": {again} (on the command line --to {again}); else name an earlier one.",
                    row.name
                ),
            )
            .with("revision", again.0)
            .with("rolled_back_to", rolled_back_to.0))
        }
    }
}
