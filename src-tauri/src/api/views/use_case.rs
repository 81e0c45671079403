//! Use cases as they are shown, and the names of those that are seen.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Rights, ServerAction};
use domain::freeze::Freeze;
use domain::id::UseCaseId;
use domain::ledger::Deployment;
use domain::policy::Policy;
use domain::use_case::{RuledBy, UseCase, may_change};
use domain::wire::{FreezeName, PolicyName, UseCaseName, UseCaseView};

use super::Views;
use crate::commands::{Refusal, allow_reading};

impl Views<'_> {
    /// The use cases that the caller sees, by name.
    pub(crate) fn use_cases(&self) -> Result<Vec<UseCaseView>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let seen = self.moment.use_cases(&rights, &self.opened(&rights)?)?;
        let (policies, freezes) = (self.moment.reading.policies()?, self.moment.reading.freezes()?);
        let shown =
            seen.into_iter().map(|(use_case, linked)| self.told(use_case, linked, &rights, &policies, &freezes));
        Ok(shown.collect())
    }

    /// One use case.
    pub(crate) fn use_case(&self, id: &UseCaseId) -> Result<UseCaseView, Refusal> {
        let seen = self.moment.use_case(id)?;
        let linked = u32::try_from(seen.opened.len()).unwrap_or(u32::MAX);
        let (policies, freezes) = (self.moment.reading.policies()?, self.moment.reading.freezes()?);
        Ok(self.told(seen.use_case, linked, &seen.rights, &policies, &freezes))
    }

    /// The names of use cases, for a deployment that the caller may open.
    pub(super) fn names_of(&self, ids: &BTreeSet<UseCaseId>) -> Result<Vec<UseCaseName>, Refusal> {
        let mut names = Vec::with_capacity(ids.len());
        for id in ids {
            names.extend(self.moment.reading.use_case(id)?.map(named));
        }
        names.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(names)
    }

    /// The names of all use cases that the caller sees.
    pub(super) fn seen_names(&self, rights: &Rights) -> Result<BTreeMap<UseCaseId, String>, Refusal> {
        if self.moment.reading.use_case_count()? == 0 {
            return Ok(BTreeMap::new());
        }
        let seen = self.moment.use_cases(rights, &self.opened(rights)?)?;
        Ok(seen.into_iter().map(|(use_case, _)| (use_case.id, use_case.terms.name)).collect())
    }

    /// The deployments that the caller may open, also because they review a change of them.
    fn opened(&self, rights: &Rights) -> Result<Vec<Deployment>, Refusal> {
        let mut opened = self.readable(rights)?;
        for id in self.moment.reviewed_deployments(rights)? {
            if rights.reaches(&id) && opened.iter().all(|row| row.id != id) {
                opened.extend(self.moment.reading.deployment(&id)?);
            }
        }
        Ok(opened)
    }

    fn told(
        &self,
        use_case: UseCase,
        linked: u32,
        rights: &Rights,
        policies: &[Policy],
        freezes: &[Freeze],
    ) -> UseCaseView {
        let ruled = RuledBy::of(&use_case.id, policies, freezes);
        let now = self.now();
        let may = |action, none: bool| none || rights.may(action, now);
        UseCaseView {
            deployments: linked,
            policies: ruled
                .policies
                .iter()
                .map(|policy| PolicyName { id: policy.id.clone(), name: policy.terms.name.clone() })
                .collect(),
            freezes: ruled
                .freezes
                .iter()
                .map(|freeze| FreezeName { id: freeze.id.clone(), name: freeze.terms.name.clone() })
                .collect(),
            may_change: may_change(rights, &use_case, linked > 0, now).is_ok(),
            may_unlink: may(ServerAction::ManagePolicies, ruled.policies.is_empty())
                && may(ServerAction::ManageFreezes, ruled.freezes.is_empty()),
            id: use_case.id,
            name: use_case.terms.name,
            description: use_case.terms.description,
            made_by: use_case.made_by,
            made_at: use_case.made_at,
        }
    }
}

/// The names of those of `ids` that are among `seen`.
pub(super) fn names_among<'a>(
    seen: &BTreeMap<UseCaseId, String>,
    ids: impl IntoIterator<Item = &'a UseCaseId>,
) -> Vec<UseCaseName> {
    let name = |id: &UseCaseId| Some(UseCaseName { id: id.clone(), name: seen.get(id)?.clone() });
    ids.into_iter().filter_map(name).collect()
}

fn named(use_case: UseCase) -> UseCaseName {
    UseCaseName { id: use_case.id, name: use_case.terms.name }
}
