//! Removes what is kept of a deployment's requests over a time (DR-11). The entry says what; whoever keeps it carries it out.

use std::collections::BTreeSet;

use domain::action::Action;
use domain::event::Event;
use domain::id::{ModelRef, RevisionNumber};
use domain::ledger::Deployment;
use domain::metrics::ClearedTime;
use domain::wire::{ClearStatistics, ClearedStatistics};
use jiff::Timestamp;

use super::quarantine::written;
use super::{Act, Refusal};

/// Has the statistics of a model version, or of all, cleared over a time; what is cleared.
///
/// # Errors
/// `invalid_field`, `operation_in_progress`, `role_forbids`, `token_scope`; those of the store.
pub fn clear_statistics(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: &ClearStatistics,
) -> Result<ClearedStatistics, Refusal> {
    act.allow(row, Action::ClearStatistics)?;
    let reason = written("reason", &request.reason)?;
    let revisions = request.model.as_ref().map(|model| binding(act, row, model)).transpose()?;
    let (from, to) = (request.from.map(|from| from.as_second()), request.to.map(end));
    let time = ClearedTime::around(from, to, end(act.writing.now()));
    let time = time.map_err(|error| Refusal::invalid(error.field(), format!("{error}.")))?;
    let moment =
        |second| Timestamp::from_second(second).map_err(|error| Refusal::fault("a time is out of range", &error));
    let (from, to) = (time.from.map(moment).transpose()?, moment(time.to)?);
    let cleared = ClearedStatistics { model: request.model.clone(), revisions, from, to, reason };
    let ClearedStatistics { model, revisions, from, to, reason } = cleared.clone();
    act.writing.append(Some(&row.id), Event::StatisticsCleared { model, revisions, from, to, reason })?;
    Ok(cleared)
}

/// The second that a moment lies in, by its end.
fn end(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

/// The revisions that bind a model version.
fn binding(act: &Act<'_, '_>, row: &Deployment, model: &ModelRef) -> Result<BTreeSet<RevisionNumber>, Refusal> {
    let reading = act.reading();
    let mut found = BTreeSet::new();
    for revision in reading.revisions(&row.id)? {
        let configuration = reading.configuration(&revision.configuration)?;
        if configuration.is_some_and(|found| found.configuration.models.contains(model)) {
            found.insert(revision.number);
        }
    }
    if found.is_empty() {
        let detail = format!("model: no revision of {} binds {model}. Leave it out to clear all of them.", row.name);
        return Err(Refusal::invalid("model", detail));
    }
    Ok(found)
}
