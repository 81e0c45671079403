//! A configuration as it is shown.

use domain::id::{ConfigurationId, RevisionNumber};
use domain::wire::ConfigurationView;

use crate::commands::Refusal;
use crate::store::Reading;
use crate::store::tables::configurations::ConfigurationRow;
use domain::ledger::Deployment;

/// Which of a deployment's revisions have which configuration.
pub(in crate::http) struct ConfigurationUse {
    in_use: Option<ConfigurationId>,
    revisions: Vec<(RevisionNumber, ConfigurationId)>,
}

impl ConfigurationUse {
    /// As it is now.
    pub(in crate::http) fn of(reading: &Reading<'_>, row: &Deployment) -> Result<Self, Refusal> {
        let revisions = reading.readable_revisions(&row.id)?.into_iter();
        let revisions: Vec<_> = revisions.map(|found| (found.number, found.configuration)).collect();
        let used = revisions.iter().find(|(number, _)| Some(*number) == row.intended);
        Ok(Self { in_use: used.map(|(_, id)| id.clone()), revisions })
    }
}

/// A configuration with every default written out, and where it is used.
pub(in crate::http) fn configuration(uses: &ConfigurationUse, row: ConfigurationRow) -> ConfigurationView {
    let given = uses.revisions.iter().filter(|(_, id)| *id == row.id);
    ConfigurationView {
        in_use: uses.in_use.as_ref() == Some(&row.id),
        revisions: given.map(|(number, _)| *number).collect(),
        content_hash: row.configuration.content_hash(),
        configuration: row.configuration,
        created_at: row.created_at,
        created_by: row.created_by,
        id: row.id,
    }
}
