//! The journal as it is shown.

use std::collections::BTreeMap;

use domain::access::ServerAction;
use domain::chain::Link;
use domain::id::{DeploymentId, Seq};
use domain::wire::{ErrorCode, HistoryEntry, HistoryGroup, HistoryPage, Verification};

use super::Views;
use super::history_search::{HistoryAbout, HistorySearch};
use super::told_rollout::ToldRollouts;
use crate::commands::Refusal;
use crate::store::tables::journal::Filter;

impl Views<'_> {
    /// Entries before `cursor`, newest first.
    pub(crate) fn history(
        &self,
        about: HistoryAbout,
        cursor: Option<Seq>,
        limit: u32,
    ) -> Result<HistoryPage<HistoryEntry>, Refusal> {
        let search = self.search(about)?;
        let found = search.gather(cursor, limit, |candidate| Ok((Some(candidate.shown), 0)))?;
        let names = names(&search, found.items.iter().filter_map(|entry| entry.deployment.as_ref()))?;
        Ok(found.page(names))
    }

    /// What people did and what came of it, before `cursor`: rollouts, each where its newest entry that is found stands, and
    /// what belongs to none.
    pub(crate) fn history_groups(
        &self,
        about: HistoryAbout,
        cursor: Option<Seq>,
        limit: u32,
    ) -> Result<HistoryPage<HistoryGroup>, Refusal> {
        let search = self.search(about)?;
        let mut rollouts = ToldRollouts::new(self, &search);
        let found = search.gather(cursor, limit, |candidate| rollouts.group(candidate))?;
        let entries = found.items.iter().flat_map(|group| &group.entries);
        let names = names(&search, entries.filter_map(|entry| entry.deployment.as_ref()))?;
        Ok(found.page(names))
    }

    fn search(&self, about: HistoryAbout) -> Result<HistorySearch<'_>, Refusal> {
        let deployment = about.deployment.as_deref().map(|named| self.present_or_past(named)).transpose()?;
        HistorySearch::new(self, about, deployment)
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

    /// The search of what is exported, for whoever may export.
    pub(in crate::api) fn exported(&self, about: &HistoryAbout) -> Result<HistorySearch<'_>, Refusal> {
        self.moment.allow(ServerAction::Export, self.api.clock.now())?;
        self.search(about.clone())
    }
}

fn names<'a>(
    search: &HistorySearch<'_>,
    ids: impl Iterator<Item = &'a DeploymentId>,
) -> Result<BTreeMap<DeploymentId, String>, Refusal> {
    let mut names = BTreeMap::new();
    for id in ids {
        if !names.contains_key(id)
            && let Some(name) = search.name_of_deployment(id)?
        {
            names.insert(id.clone(), name);
        }
    }
    Ok(names)
}
