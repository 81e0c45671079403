//! Known-bad memory: marks revisions, takes marks back, and finds content that is marked (CO-6).

use domain::action::Action;
use domain::configuration::Configuration;
use domain::event::Event;
use domain::id::RevisionNumber;
use domain::wire::{ErrorCode, KnownBad};

use super::{Act, Refusal, check_text};
use crate::store::Reading;
use domain::ledger::{Deployment, Revision};

/// Marks a revision as known to be bad: an automatic revert skips it, and it comes back only with a written override.
///
/// # Errors
/// `not_found`, `invalid_field`, `nothing_to_change`, `precondition_failed`; those of the store.
pub fn quarantine(act: &mut Act<'_, '_>, row: &Deployment, number: RevisionNumber, note: &str) -> Result<(), Refusal> {
    act.permit(row, Action::Quarantine)?;
    let reason = written("note", note)?;
    if find(&act.reading(), row, number)?.quarantined.is_some() {
        return Err(nothing(row, number, "is marked as known to be bad already"));
    }
    act.writing.append(Some(&row.id), Event::RevisionQuarantined { number, reason })?;
    Ok(())
}

/// Takes the mark back.
///
/// # Errors
/// `not_found`, `invalid_field`, `nothing_to_change`, `precondition_failed`; those of the store.
pub fn lift_quarantine(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    number: RevisionNumber,
    note: &str,
) -> Result<(), Refusal> {
    act.permit(row, Action::Quarantine)?;
    let note = written("note", note)?;
    if find(&act.reading(), row, number)?.quarantined.is_none() {
        return Err(nothing(row, number, "is not marked as known to be bad"));
    }
    act.writing.append(Some(&row.id), Event::QuarantineLifted { number, note })?;
    Ok(())
}

fn nothing(row: &Deployment, number: RevisionNumber, what: &str) -> Refusal {
    Refusal::new(ErrorCode::NothingToChange, format!("Revision {number} of {} {what}.", row.name))
}

/// One of the deployment's revisions.
pub(super) fn find(reading: &Reading<'_>, row: &Deployment, number: RevisionNumber) -> Result<Revision, Refusal> {
    let found = reading.revision(&row.id, number)?;
    found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no revision {number}.", row.name)))
}

/// A text that must say something.
pub(super) fn written(field: &'static str, text: &str) -> Result<String, Refusal> {
    check_text(field, Some(text))?;
    match text.trim() {
        "" => Err(Refusal::invalid(field, format!("{field} must say why, in words."))),
        text => Ok(text.to_owned()),
    }
}

/// The newest revision that is known to be bad and asks for the same as `candidate`.
pub(super) fn known_bad(
    reading: &Reading<'_>,
    row: &Deployment,
    candidate: &Configuration,
) -> Result<Option<KnownBad>, Refusal> {
    let content = candidate.content_hash();
    for revision in reading.revisions(&row.id)? {
        let Some(quarantine) = revision.quarantined else { continue };
        let configuration = reading.configuration(&revision.configuration)?;
        if configuration.is_some_and(|found| found.configuration.content_hash() == content) {
            return Ok(Some(KnownBad { revision: revision.number, reason: quarantine.reason }));
        }
    }
    Ok(None)
}

/// Refuses content that is known to be bad, unless somebody writes why it is to come back.
pub(super) fn check_known_bad(
    reading: &Reading<'_>,
    row: &Deployment,
    candidate: &Configuration,
    overridden: Option<&str>,
) -> Result<(), Refusal> {
    let why = overridden.map(|text| written("quarantine_override", text)).transpose()?;
    let Some(bad) = known_bad(reading, row, candidate)?.filter(|_| why.is_none()) else { return Ok(()) };
    Err(Refusal::new(
        ErrorCode::RevisionQuarantined,
        format!(
            "This is what revision {} of {} asks for, which is known to be bad: {}. Choose another configuration, lift the quarantine, or say in quarantine_override why to try it again.",
            bad.revision, row.name, bad.reason
        ),
    )
    .with("revision", bad.revision.0)
    .with("reason", bad.reason))
}
