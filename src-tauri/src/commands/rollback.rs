//! Rolls back: a new rollout to the configuration of an earlier revision (VX-5).

use domain::rollback::{self, Earlier, RollbackGoal};
use domain::wire::{ErrorCode, Rollback, StartRollout};

use super::start_rollout::{Vetting, start};
use super::{Act, Moment, Refusal, Started};
use domain::ledger::{Deployment, Revision};

/// Starts a rollout to the revision that is named, else to the last good one whose content is not the one in use.
///
/// # Errors
/// `no_earlier_revision`, `undoes_rollback`, and those of [`super::start_rollout`].
pub fn rollback(act: &mut Act<'_, '_>, row: &Deployment, request: &Rollback) -> Result<Started, Refusal> {
    let revision = match request.to {
        Some(number) => {
            act.reading().revisions(&row.id)?.into_iter().find(|revision| revision.number == number).ok_or_else(
                || Refusal::new(ErrorCode::NoEarlierRevision, format!("{} has no revision {number}.", row.name)),
            )?
        }
        None => last_good(act.moment(), row)?,
    };
    let rollout = StartRollout {
        configuration: Some(revision.configuration),
        strategy: request.strategy,
        on_failure: request.on_failure,
        quarantine_override: request.quarantine_override.clone(),
        reason: request.reason,
        note: request.note.clone(),
        on_top_of: request.on_top_of,
        apply: request.apply.clone(),
        break_glass: request.break_glass.clone(),
        ..StartRollout::default()
    };
    let is_last_good = last_good(act.moment(), row).is_ok_and(|good| good.number == revision.number);
    let vetting = if is_last_good { Vetting::LastGood } else { Vetting::HasRun };
    start(act, row, &rollout, vetting(revision.number))
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
