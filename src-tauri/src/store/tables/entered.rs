//! An entry beside what its deployment was before and is after it, as far as it reaches.

use std::collections::BTreeMap;

use domain::event::Entry;
use domain::id::DeploymentId;
use domain::ledger::Ledger;

/// An entry, and what it does.
pub(in crate::store) struct Entered<'a> {
    pub(super) entry: &'a Entry,
    /// The part of its deployment that it reaches, from before it; none where there is no such deployment, or it reaches
    /// nothing of one.
    before: Option<Ledger>,
    after: Option<Ledger>,
}

impl<'a> Entered<'a> {
    /// The effect of `entry` on `before`, which holds as much of the deployment as the entry reaches.
    pub(super) fn of(entry: &'a Entry, before: Option<Ledger>) -> Self {
        let after = Ledger::after(before.clone(), entry);
        Self { entry, before, after }
    }

    /// An entry that reaches nothing of a deployment.
    pub(super) fn alone(entry: &'a Entry) -> Self {
        Self { entry, before: None, after: None }
    }

    /// The deployment as it was, and as it is.
    pub(super) fn ledgers(&self) -> (Option<&Ledger>, Option<&Ledger>) {
        (self.before.as_ref(), self.after.as_ref())
    }

    /// The deployment that is there before and after, with what was and what is.
    pub(super) fn kept(&self) -> Option<(&DeploymentId, &Ledger, &Ledger)> {
        let (before, after) = (self.before.as_ref()?, self.after.as_ref()?);
        Some((&after.deployment.id, before, after))
    }

    /// The deployment that is gone by the entry, with everything that was its.
    pub(super) fn gone(&self) -> Option<&DeploymentId> {
        self.before.as_ref().filter(|_| self.after.is_none()).map(|before| &before.deployment.id)
    }
}

/// Rows of `after` that are new or not as they were in `before`.
pub(super) fn changed<'a, K: Ord, V: PartialEq>(
    before: &BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a V> {
    after.iter().filter(|(key, value)| before.get(key) != Some(value)).map(|(_, value)| value)
}
