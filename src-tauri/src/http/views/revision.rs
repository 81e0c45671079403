//! A revision as it is shown.

use domain::wire::RevisionView;

use crate::commands::Refusal;
use crate::http::problem;
use crate::store::Reading;
use domain::ledger::Revision;

/// A revision with its configuration's name and models.
pub(in crate::http) fn revision(reading: &Reading<'_>, row: Revision) -> Result<RevisionView, Refusal> {
    let found = reading.configuration(&row.configuration)?;
    let found = found.ok_or_else(|| problem::fault("a revision has no configuration", &row.configuration))?;
    Ok(RevisionView {
        number: row.number,
        configuration: row.configuration,
        content: found.configuration.content_hash(),
        configuration_name: found.configuration.name,
        models: found.configuration.models,
        state: row.state,
        quarantined: row.quarantined,
        created_at: row.created_at,
        reason: row.reason,
        rolled_back_to: row.rolled_back_to,
        actor: row.actor,
    })
}
