//! Policies, freezes and the roles on a deployment as they are shown.

use std::collections::BTreeMap;

use domain::deployment::Importance;
use domain::freeze::{Freeze, FreezeTerms};
use domain::id::{DeploymentId, FreezeId, PolicyId};
use domain::ledger::Deployment;
use domain::policy::{GatedAction, ImportanceRange, ImportanceScope, Policy};
use domain::principal::{Directory, PrincipalId};
use domain::requested::Requested;
use domain::wire::{AccessView, FreezeView, GrantView, MatchPolicies, Matched, OccurrencesView, PolicyView};
use jiff::Timestamp;

use super::Views;
use crate::commands::{Refusal, allow_reading};

/// Most names of deployments with a freeze.
const MOST_NAMES: usize = 100;

impl Views<'_> {
    /// Every policy.
    pub(crate) fn policies(&self) -> Result<Vec<PolicyView>, Refusal> {
        allow_reading(&self.moment)?;
        let directory = self.moment.reading.directory()?;
        let open = self.moment.requests_by_policy(self.now())?;
        Ok(self.moment.reading.policies()?.into_iter().map(|policy| policy_view(policy, &directory, &open)).collect())
    }

    /// One policy.
    pub(crate) fn policy(&self, id: &PolicyId) -> Result<PolicyView, Refusal> {
        allow_reading(&self.moment)?;
        let open = self.moment.requests_by_policy(self.now())?;
        Ok(policy_view(self.moment.policy(id)?, &self.moment.reading.directory()?, &open))
    }

    /// The policies and freezes that the caller would meet now.
    pub(crate) fn matched(&self, asked: &MatchPolicies) -> Result<Matched, Refusal> {
        allow_reading(&self.moment)?;
        self.moment.match_policies(asked, self.now())
    }

    /// Every freeze.
    pub(crate) fn freezes(&self) -> Result<Vec<FreezeView>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let (rows, live) = (self.readable(&rights)?, self.moment.reading.live_requests()?);
        let freezes = self.moment.reading.freezes()?.into_iter();
        freezes.map(|freeze| self.freeze_view(freeze, &rows, &live)).collect()
    }

    /// One freeze.
    pub(crate) fn freeze(&self, id: &FreezeId) -> Result<FreezeView, Refusal> {
        let rights = allow_reading(&self.moment)?;
        self.freeze_view(self.moment.freeze(id)?, &self.readable(&rights)?, &self.moment.reading.live_requests()?)
    }

    /// The occurrences of a freeze between two times.
    pub(crate) fn occurrences(
        &self,
        terms: &FreezeTerms,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<OccurrencesView, Refusal> {
        allow_reading(&self.moment)?;
        terms.check()?;
        let from = from.unwrap_or_else(|| self.now());
        let month = jiff::SignedDuration::from_hours(24 * 35);
        let until = until.unwrap_or_else(|| from.checked_add(month).unwrap_or(Timestamp::MAX));
        Ok(OccurrencesView { items: terms.when.occurrences(from, until) })
    }

    /// The terms of a freeze.
    pub(crate) fn freeze_terms(&self, id: &FreezeId) -> Result<FreezeTerms, Refusal> {
        Ok(self.moment.freeze(id)?.terms)
    }

    fn freeze_view(&self, freeze: Freeze, rows: &[Deployment], live: &[Requested]) -> Result<FreezeView, Refusal> {
        let now = self.now();
        let scope = &freeze.terms.scope;
        let held: Vec<_> = rows.iter().filter(|row| scope.holds(&row.id, row.terms.importance)).collect();
        let mut waiting = 0;
        for request in live {
            let is_held = request.deployment.as_ref().is_some_and(|id| held.iter().any(|row| row.id == *id));
            let waits = request.waiting_for == Some(domain::change_request::WaitingFor::Freeze);
            waiting += u32::from(is_held && waits);
        }
        let occurs = |at: Timestamp| {
            let year = jiff::SignedDuration::from_hours(24 * 400);
            let found = freeze.terms.when.occurrences(at, at.checked_add(year).unwrap_or(Timestamp::MAX));
            found.into_iter().filter_map(|preview| preview.instants).find(|occurrence| occurrence.from > at)
        };
        let (holds, next) = (freeze.terms.when.holds_at(now), occurs(now));
        let mut freeze = freeze;
        if let domain::freeze::FreezeScope::Deployments(named) = &mut freeze.terms.scope {
            named.retain(|id| rows.iter().any(|row| row.id == *id));
        }
        Ok(FreezeView {
            holds,
            next,
            deployments: held.iter().take(MOST_NAMES).map(|row| row.name.clone()).collect(),
            waiting,
            freeze,
        })
    }

    /// Who has which role on a deployment.
    pub(crate) fn access(&self, name_or_id: &str) -> Result<AccessView, Refusal> {
        self.access_of(&self.moment.find(name_or_id)?)
    }

    /// The same by its id, also for whoever has just given their own role away.
    pub(crate) fn access_by_id(&self, id: &DeploymentId) -> Result<AccessView, Refusal> {
        let row = self.moment.reading.deployment(id)?;
        self.access_of(&row.ok_or_else(|| Refusal::fault("a deployment is gone", id))?)
    }

    /// The same of a row that was read.
    pub(crate) fn access_of(&self, row: &Deployment) -> Result<AccessView, Refusal> {
        let rights = self.moment.rights()?;
        let on = self.moment.rights_for(&rights, row, domain::action::Action::Share)?;
        let may_give = on.allow(domain::action::Action::Share.needs()).ok().and(on.role);
        let directory = self.moment.reading.directory()?;
        let grants = row.access.iter().map(|(principal, grant)| GrantView {
            principal: principal.clone(),
            role: grant.role,
            by: grant.by.clone(),
            at: grant.at,
        });
        Ok(AccessView {
            grants: grants.collect(),
            administrators: directory.administrators().map(|member| member.id.clone()).collect(),
            may_give,
        })
    }
}

fn policy_view(policy: Policy, directory: &Directory, open: &BTreeMap<PolicyId, u32>) -> PolicyView {
    PolicyView {
        sentence: sentence(&policy, directory),
        reviewers: policy.reviewers(directory).into_iter().collect(),
        open_requests: open.get(&policy.id).copied().unwrap_or_default(),
        policy,
    }
}

/// A policy in a sentence.
fn sentence(policy: &Policy, directory: &Directory) -> String {
    let terms = &policy.terms;
    let actions: Vec<&str> = terms.actions.iter().map(|action| doing(*action)).collect();
    let on = match &terms.importance {
        ImportanceScope::Range(ImportanceRange::Any) => "any importance".to_owned(),
        ImportanceScope::Range(ImportanceRange::AboveModerate) => "high or critical".to_owned(),
        ImportanceScope::Listed(listed) => {
            listed.iter().map(|one: &Importance| one.as_str()).collect::<Vec<_>>().join(" or ")
        }
    };
    let group = |id: &PrincipalId| directory.groups.get(id).map(|group| group.name.clone());
    let people = terms.reviewers.iter().filter(|id| id.is_person()).count();
    let mut whose: Vec<String> = terms.reviewers.iter().filter_map(group).collect();
    if people > 0 {
        whose.push(format!("{people} named {}", if people == 1 { "person" } else { "people" }));
    }
    let of = if terms.reviewers.is_empty() { "administrators".to_owned() } else { whose.join(", ") };
    let approvals = if terms.approvals == 1 { "approval" } else { "approvals" };
    let mut letters = actions.join(", ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{letters} on {on} needs {} {approvals} of {of}", terms.approvals)
}

fn doing(action: GatedAction) -> &'static str {
    match action {
        GatedAction::Create => "creating",
        GatedAction::Replace => "replacing",
        GatedAction::Delete => "deleting",
        GatedAction::Importance => "changing the importance",
        GatedAction::Settings => "changing settings",
        GatedAction::Status => "activating and deactivating",
        GatedAction::Statistics => "clearing statistics",
        GatedAction::Rollback => "rolling back further than to the last good revision",
    }
}
