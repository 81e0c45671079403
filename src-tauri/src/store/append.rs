//! Appending an event: entered in the journal and saved in the tables, both or neither.

use domain::event::Event;
use domain::id::{DeploymentId, Seq};

use super::writing::Writing;
use super::{StoreError, tables};

impl Writing<'_> {
    /// Enters `event` in the journal and applies it to the tables.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn append(&mut self, deployment: Option<&DeploymentId>, event: Event) -> Result<Seq, StoreError> {
        let recorded = tables::journal::append(&self.tx, &self.actor, self.now, deployment, event);
        let recorded = recorded.and_then(|recorded| {
            tables::apply(&self.tx, &recorded.entry)?;
            Ok(recorded)
        });
        let recorded = recorded.inspect_err(|error| self.note_trouble(error))?;
        let seq = recorded.entry.seq;
        self.appended.push(recorded);
        Ok(seq)
    }
}
