//! A configuration as it is shown.

use domain::diff::between;
use domain::id::{ConfigurationId, RevisionNumber};
use domain::ledger::Deployment;
use domain::wire::{ConfigurationView, DiffView, ErrorCode, Page};

use super::Views;
use super::list::{Matching, page, shown, wrong_cursor};
use crate::commands::{Refusal, allow_reading};
use crate::store::tables::configurations::ConfigurationRow;

/// The configurations of a deployment's revisions.
#[derive(Default)]
struct ConfigurationUse {
    in_use: Option<ConfigurationId>,
    revisions: Vec<(RevisionNumber, ConfigurationId)>,
}

impl ConfigurationUse {
    /// A configuration with every default written out, and where it is used.
    fn shown(&self, row: ConfigurationRow) -> ConfigurationView {
        let given = self.revisions.iter().filter(|(_, id)| *id == row.id);
        ConfigurationView {
            in_use: self.in_use.as_ref() == Some(&row.id),
            revisions: given.map(|(number, _)| *number).collect(),
            content_hash: row.configuration.content_hash(),
            configuration: row.configuration,
            created_at: row.created_at,
            created_by: row.created_by,
            id: row.id,
        }
    }
}

impl Views<'_> {
    fn uses(&self, row: &Deployment) -> Result<ConfigurationUse, Refusal> {
        let revisions = self.moment.reading.readable_revisions(&row.id)?.into_iter();
        let revisions: Vec<_> = revisions.map(|found| (found.number, found.configuration)).collect();
        let used = revisions.iter().find(|(number, _)| Some(*number) == row.intended);
        Ok(ConfigurationUse { in_use: used.map(|(_, id)| id.clone()), revisions })
    }

    fn configuration_row(
        &self,
        row: &Deployment,
        id: &ConfigurationId,
        code: ErrorCode,
    ) -> Result<ConfigurationRow, Refusal> {
        let found = self
            .moment
            .reading
            .configuration(id)?
            .filter(|found| found.deployment.as_ref().is_none_or(|id| *id == row.id));
        let found = match found {
            Some(found) if found.deployment.is_none() && !self.sees_free(&found, Some(row))? => None,
            found => found,
        };
        found.ok_or_else(|| Refusal::new(code, format!("{} has no configuration {id}.", row.name)))
    }

    /// True for a configuration without a deployment that the caller may see: whoever made it, administrators, and whoever
    /// sees the deployment `row` that uses it.
    fn sees_free(&self, found: &ConfigurationRow, row: Option<&Deployment>) -> Result<bool, Refusal> {
        let rights = allow_reading(&self.moment)?;
        if rights.sees_all() || found.created_by == rights.caller.actor && rights.only().is_none() {
            return Ok(true);
        }
        let Some(row) = row else { return Ok(false) };
        let revisions = self.moment.reading.readable_revisions(&row.id)?;
        Ok(revisions.iter().any(|revision| revision.configuration == found.id))
    }

    /// A configuration, and where `row` uses it.
    pub(crate) fn configuration(
        &self,
        row: Option<&Deployment>,
        found: ConfigurationRow,
    ) -> Result<ConfigurationView, Refusal> {
        let uses = row.map(|row| self.uses(row)).transpose()?.unwrap_or_default();
        Ok(uses.shown(found))
    }

    /// One of a deployment's configurations.
    pub(crate) fn configuration_of(
        &self,
        name_or_id: &str,
        id: &ConfigurationId,
    ) -> Result<ConfigurationView, Refusal> {
        let row = self.moment.find(name_or_id)?;
        self.configuration(Some(&row), self.configuration_row(&row, id, ErrorCode::NotFound)?)
    }

    /// A configuration of whichever deployment, or of none.
    pub(crate) fn configuration_by_id(&self, id: &ConfigurationId) -> Result<ConfigurationView, Refusal> {
        let reading = &self.moment.reading;
        let nothing = || Refusal::new(ErrorCode::NotFound, format!("There is no configuration {id}."));
        let found = reading.configuration(id)?.ok_or_else(nothing)?;
        let row = match &found.deployment {
            Some(deployment) => Some(self.moment.find(deployment.as_str()).map_err(|_| nothing())?),
            None if self.sees_free(&found, None)? => None,
            None => return Err(nothing()),
        };
        self.configuration(row.as_ref(), found)
    }

    /// The configurations that were made for no deployment, newest first.
    pub(crate) fn free_configurations(&self, wanted: &Matching) -> Result<Page<ConfigurationView>, Refusal> {
        let mut free = self.moment.reading.free_configurations()?;
        let mut unreadable = None;
        free.retain(|found| {
            self.sees_free(found, None).unwrap_or_else(|refusal| {
                unreadable = Some(refusal);
                false
            })
        });
        match unreadable {
            Some(refusal) => Err(refusal),
            None => listed(free, &ConfigurationUse::default(), wanted),
        }
    }

    /// A deployment's configurations, newest first.
    pub(crate) fn configurations(
        &self,
        name_or_id: &str,
        wanted: &Matching,
    ) -> Result<Page<ConfigurationView>, Refusal> {
        let row = self.moment.find(name_or_id)?;
        listed(self.moment.reading.readable_configurations(&row.id)?, &self.uses(&row)?, wanted)
    }

    /// The fields in which `id` differs from `against`, and what each difference costs.
    pub(crate) fn difference(
        &self,
        name_or_id: &str,
        id: &ConfigurationId,
        against: ConfigurationId,
    ) -> Result<DiffView, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let candidate = self.configuration_row(&row, id, ErrorCode::NotFound)?;
        let current = self.configuration_row(&row, &against, ErrorCode::UnknownConfiguration)?;
        let differences = between(&current.configuration, &candidate.configuration, self.moment.traits(&row));
        Ok(DiffView { against, differences })
    }
}

fn listed(
    mut rows: Vec<ConfigurationRow>,
    uses: &ConfigurationUse,
    wanted: &Matching,
) -> Result<Page<ConfigurationView>, Refusal> {
    if let Some(cursor) = &wanted.cursor {
        let last = rows.iter().position(|row| row.id.as_str() == cursor).ok_or_else(wrong_cursor)?;
        rows.drain(..=last);
    }
    rows.retain(|row| matches(row, &wanted.q));
    shown(page(rows, wanted.limit, |row| row.id.to_string()), |row| Ok(uses.shown(row)))
}

fn matches(row: &ConfigurationRow, q: &str) -> bool {
    let configuration = &row.configuration;
    configuration.name.to_lowercase().contains(q)
        || row.id.as_str().contains(q)
        || configuration.models.iter().any(|model| model.to_string().contains(q))
}
