//! Policies, freezes and the roles on a deployment as they are shown.

use std::collections::BTreeMap;

use domain::access::Rights;
use domain::deployment::Importance;
use domain::freeze::{Freeze, FreezeScope, FreezeTerms};
use domain::id::{DeploymentId, FreezeId, PolicyId, UseCaseId};
use domain::ledger::Deployment;
use domain::policy::{GatedAction, ImportanceRange, ImportanceScope, Policy};
use domain::principal::{Directory, PrincipalId};
use domain::requested::Requested;
use domain::wire::{
    AccessView, FreezeView, GrantView, MatchPolicies, Matched, OccurrencesView, PolicyView, UseCaseName,
};
use domain::words::counted;
use jiff::Timestamp;

use super::Views;
use super::use_case::names_among;
use crate::commands::{Refusal, allow_reading};

/// Most names of deployments with a freeze.
const MOST_NAMES: usize = 100;

impl Views<'_> {
    /// Every policy.
    pub(crate) fn policies(&self) -> Result<Vec<PolicyView>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let directory = self.moment.reading.directory()?;
        let open = self.moment.requests_by_policy(self.now())?;
        let (seen, policies) = (self.seen_names(&rights)?, self.moment.reading.policies()?);
        Ok(policies.into_iter().map(|policy| policy_view(policy, &directory, &open, &seen)).collect())
    }

    /// One policy.
    pub(crate) fn policy(&self, id: &PolicyId) -> Result<PolicyView, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let (open, seen) = (self.moment.requests_by_policy(self.now())?, self.seen_names(&rights)?);
        Ok(policy_view(self.moment.policy(id)?, &self.moment.reading.directory()?, &open, &seen))
    }

    /// The policies and freezes that the caller would meet now.
    pub(crate) fn matched(&self, asked: &MatchPolicies) -> Result<Matched, Refusal> {
        allow_reading(&self.moment)?;
        self.moment.match_policies(asked, self.now())
    }

    /// Every freeze.
    pub(crate) fn freezes(&self) -> Result<Vec<FreezeView>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let around = self.around_freezes(&rights)?;
        let freezes = self.moment.reading.freezes()?.into_iter();
        Ok(freezes.map(|freeze| self.freeze_view(freeze, &around)).collect())
    }

    /// One freeze.
    pub(crate) fn freeze(&self, id: &FreezeId) -> Result<FreezeView, Refusal> {
        let rights = allow_reading(&self.moment)?;
        Ok(self.freeze_view(self.moment.freeze(id)?, &self.around_freezes(&rights)?))
    }

    fn around_freezes(&self, rights: &Rights) -> Result<AroundFreezes, Refusal> {
        let (rows, seen) = (self.readable(rights)?, self.seen_names(rights)?);
        Ok(AroundFreezes { rows, live: self.moment.reading.live_requests()?, seen })
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

    fn freeze_view(&self, freeze: Freeze, AroundFreezes { rows, live, seen }: &AroundFreezes) -> FreezeView {
        let now = self.now();
        let scope = &freeze.terms.scope;
        let held: Vec<_> = rows.iter().filter(|row| scope.holds(row.freezable())).collect();
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
        let mut use_cases = Vec::new();
        match &mut freeze.terms.scope {
            FreezeScope::Deployments(named) => named.retain(|id| rows.iter().any(|row| row.id == *id)),
            FreezeScope::UseCases(named) => {
                named.retain(|id| seen.contains_key(id));
                use_cases = names_among(seen, &*named);
            }
            FreezeScope::All | FreezeScope::Importance(_) => {}
        }
        FreezeView {
            holds,
            next,
            deployments: held.iter().take(MOST_NAMES).map(|row| row.name.clone()).collect(),
            use_cases,
            waiting,
            freeze,
        }
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

/// What freezes are shown beside: the deployments that the caller may open, every live request, and the use cases that the
/// caller sees.
struct AroundFreezes {
    rows: Vec<Deployment>,
    live: Vec<Requested>,
    seen: BTreeMap<UseCaseId, String>,
}

fn policy_view(
    policy: Policy,
    directory: &Directory,
    open: &BTreeMap<PolicyId, u32>,
    seen: &BTreeMap<UseCaseId, String>,
) -> PolicyView {
    let use_cases = names_among(seen, &policy.terms.use_cases);
    PolicyView {
        sentence: sentence(&policy, directory, &use_cases),
        use_cases,
        reviewers: policy.reviewers(directory).into_iter().collect(),
        open_requests: open.get(&policy.id).copied().unwrap_or_default(),
        policy,
    }
}

/// A policy in a sentence, with those of its use cases that are seen.
fn sentence(policy: &Policy, directory: &Directory, seen: &[UseCaseName]) -> String {
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
        whose.push(counted(people as u64, "named person", "named people"));
    }
    let of = if terms.reviewers.is_empty() { "administrators".to_owned() } else { whose.join(", ") };
    let mut letters = actions.join(", ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut used: Vec<_> = seen.iter().map(|use_case| use_case.name.as_str()).collect();
    if used.len() < terms.use_cases.len() {
        used.push("a use case that you do not see");
    }
    let inside = if used.is_empty() { String::new() } else { format!(" in {}", used.join(" or ")) };
    let approvals = counted(terms.approvals.into(), "approval", "approvals");
    format!("{letters} on {on}{inside} needs {approvals} of {of}")
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
