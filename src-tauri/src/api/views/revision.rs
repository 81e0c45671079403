//! A revision as it is shown.

use domain::id::RevisionNumber;
use domain::ledger::{Deployment, Revision};
use domain::wire::{ErrorCode, Page, RevisionView};

use super::Views;
use super::list::{page, shown};
use crate::commands::Refusal;

impl Views<'_> {
    /// A revision with its configuration's name and models.
    pub(super) fn revision(&self, row: Revision) -> Result<RevisionView, Refusal> {
        let found = self.moment.reading.configuration(&row.configuration)?;
        let found = found.ok_or_else(|| Refusal::fault("a revision has no configuration", &row.configuration))?;
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

    /// One of the revisions of `row`.
    pub(crate) fn revision_of(&self, row: &Deployment, number: RevisionNumber) -> Result<RevisionView, Refusal> {
        let found = self.moment.reading.revision(&row.id, number)?;
        let found = found
            .ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no revision {number}.", row.name)))?;
        self.revision(found)
    }

    /// A deployment's revisions before `cursor`, newest first, those still being deployed included.
    pub(crate) fn revisions(
        &self,
        name_or_id: &str,
        cursor: Option<RevisionNumber>,
        limit: u32,
    ) -> Result<Page<RevisionView>, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let rows = self.moment.reading.readable_revisions(&row.id)?.into_iter();
        let rest = rows.filter(|found| cursor.is_none_or(|cursor| found.number < cursor));
        shown(page(rest, limit, |found| found.number.to_string()), |found| self.revision(found))
    }
}
