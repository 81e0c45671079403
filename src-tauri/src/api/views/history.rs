//! The journal as it is shown.

use domain::access::ServerAction;
use domain::chain::Link;
use domain::id::{DeploymentId, Seq, UseCaseId};
use domain::wire::{ErrorCode, HistoryEntry, Page, Verification};

use super::list::page;
use super::{Views, written};
use crate::commands::Refusal;
use crate::store::tables::journal::Filter;

/// The entries that are wanted: all that fit each of these.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistoryAbout {
    /// The name of a deployment, or its id.
    pub(crate) deployment: Option<String>,
    /// The use case whose deployments they are about.
    pub(crate) use_case: Option<UseCaseId>,
    /// Their kind.
    pub(crate) kind: Option<String>,
}

impl Views<'_> {
    /// Entries before `cursor`, newest first.
    pub(crate) fn history(
        &self,
        about: HistoryAbout,
        cursor: Option<Seq>,
        limit: u32,
    ) -> Result<Page<HistoryEntry>, Refusal> {
        let HistoryAbout { deployment, use_case, kind } = about;
        let deployment = deployment.map(|named| self.present_or_past(&named)).transpose()?;
        if let Some(id) = &use_case {
            self.moment.use_case(id)?;
        }
        let filter = Filter { deployment, use_case, kind, seen_by: self.seen_by()? };
        let entries = self.moment.reading.history(&filter, cursor, limit + 1)?;
        let entries = page(entries, limit, |written| written.seq.to_string());
        Ok(Page { items: entries.items.iter().map(written).collect(), next_cursor: entries.next_cursor })
    }

    /// The history of a deployment that is gone stays, and is found by its id.
    fn present_or_past(&self, named: &str) -> Result<DeploymentId, Refusal> {
        match (self.moment.find(named), named.parse::<DeploymentId>()) {
            (Ok(row), _) => Ok(row.id),
            (Err(refusal), _) if refusal.code != ErrorCode::NotFound => Err(refusal),
            (Err(_), Ok(id)) if self.is_past(&id)? => Ok(id),
            (Err(refusal), _) => Err(refusal),
        }
    }

    fn is_past(&self, id: &DeploymentId) -> Result<bool, Refusal> {
        let filter = Filter { deployment: Some(id.clone()), seen_by: self.seen_by()?, ..Filter::default() };
        Ok(!self.moment.reading.history(&filter, None, 1)?.is_empty())
    }

    /// The verification of everything that is kept on the disk: it is as it was written, or differs.
    pub(crate) fn verification(&self) -> Result<Verification, Refusal> {
        self.moment.allow(ServerAction::Export, self.api.clock.now())?;
        Ok(self.api.store.verify()?)
    }

    /// The place before the first entry that is not archived, and the newest entry.
    pub(in crate::api) fn ends_of_history(&self) -> Result<(Link, Link), Refusal> {
        self.moment.allow(ServerAction::Export, self.api.clock.now())?;
        let reading = &self.moment.reading;
        Ok((reading.archived()?.unwrap_or_else(Link::genesis), reading.head()?))
    }
}
