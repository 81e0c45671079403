//! Policies: made, changed, deleted, and asked which of them a change would meet.

use std::collections::BTreeMap;

use domain::access::ServerAction;
use domain::event::Event;
use domain::id::PolicyId;
use domain::policy::{Asked, Policy, PolicyTerms};
use domain::principal::PrincipalId;
use domain::wire::{ErrorCode, MatchPolicies, Matched, PolicyMatch, PolicyProgress};
use jiff::Timestamp;

use super::gate::{Gated, NO_USE_CASES};
use super::settle::settle_all;
use super::use_cases::check_use_cases;
use super::{Act, Moment, Refusal, new_id};

/// Most policies of a server.
const MOST: usize = 200;

/// Makes a policy. Open requests are judged anew.
///
/// # Errors
/// `role_forbids`, `reauthentication_needed`, `invalid_field`; those of the store.
pub fn create_policy(act: &mut Act<'_, '_>, terms: PolicyTerms) -> Result<PolicyId, Refusal> {
    act.allow_on_server(ServerAction::ManagePolicies)?;
    if act.reading().policies()?.len() >= MOST {
        return Err(Refusal::invalid("name", format!("A server has at most {MOST} policies.")));
    }
    let id: PolicyId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
    enter(act, id.clone(), terms)?;
    Ok(id)
}

/// Changes a policy. Open requests are judged anew.
///
/// # Errors
/// `not_found`, and as [`create_policy`].
pub fn change_policy(act: &mut Act<'_, '_>, id: &PolicyId, terms: PolicyTerms) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManagePolicies)?;
    act.moment().policy(id)?;
    enter(act, id.clone(), terms)
}

/// Deletes a policy. Open requests are judged anew.
///
/// # Errors
/// `not_found`, `role_forbids`, `reauthentication_needed`; those of the store.
pub fn delete_policy(act: &mut Act<'_, '_>, id: &PolicyId) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManagePolicies)?;
    act.moment().policy(id)?;
    act.writing.append(None, Event::PolicyDeleted { id: id.clone() })?;
    settle_all(act, None)
}

fn enter(act: &mut Act<'_, '_>, id: PolicyId, terms: PolicyTerms) -> Result<(), Refusal> {
    terms.check()?;
    let directory = act.reading().directory()?;
    let known =
        |named: &&PrincipalId| !directory.members.contains_key(*named) && !directory.groups.contains_key(*named);
    if let Some(unknown) = terms.reviewers.iter().chain(&terms.requesters).find(known) {
        let sentence = format!("reviewers: there is nobody who is called {unknown}.");
        return Err(Refusal::invalid("reviewers", sentence));
    }
    check_use_cases(&act.reading(), "use_cases", &terms.use_cases)?;
    act.writing.append(None, Event::PolicyChanged { policy: Policy { id, terms } })?;
    settle_all(act, None)
}

impl Moment<'_> {
    /// The policy that is named.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub fn policy(&self, id: &PolicyId) -> Result<Policy, Refusal> {
        let found = self.reading.policy(id)?;
        found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("There is no policy {id}.")))
    }

    /// The policies and freezes that a requester would meet with an action at `now`, and why the others do not apply.
    ///
    /// # Errors
    /// `not_found`, `invalid_field`; those of the store.
    pub fn match_policies(&self, asked: &MatchPolicies, now: Timestamp) -> Result<Matched, Refusal> {
        let row = asked.deployment.as_deref().map(|named| self.find(named)).transpose()?;
        let rights = self.rights()?;
        let own = row.as_ref().map(|row| row.terms.importance);
        let importance = own.into_iter().chain(asked.importance).max_by_key(|importance| importance.rank());
        let importance = importance.unwrap_or_default();
        let named = "new".parse().map_err(|error| Refusal::fault("a name is no name", &error))?;
        let use_cases = row.as_ref().map_or(&NO_USE_CASES, |row| &row.use_cases);
        let question_at_the_gate = Gated {
            deployment: row.as_ref().map(|row| &row.id),
            name: row.as_ref().map_or(&named, |row| &row.name),
            actions: asked.action.chosen_by(),
            importance,
            use_cases,
            freezes: asked.action.is_frozen(),
        };
        let requester = asked.requester.clone().unwrap_or_else(|| rights.id.clone());
        let met = self.met(&question_at_the_gate, std::slice::from_ref(&requester), now)?;
        if asked.requester.is_some() && !met.directory.members.contains_key(&requester) {
            return Err(Refusal::invalid("requester", format!("There is nobody who is called {requester}.")));
        }
        let question =
            Asked { action: asked.action, importance, use_cases: use_cases.clone(), requester: requester.clone() };
        let policies = self.reading.policies()?.into_iter().map(|policy| {
            let applies = met.policies.iter().any(|met| met.id == policy.id);
            let why = policy.applies(&question, &met.directory).err().filter(|_| !applies);
            PolicyMatch { id: policy.id, name: policy.terms.name, applies, why: why.map(|why| why.to_string()) }
        });
        let needs = met.policies.iter().map(|policy| {
            let mut can_still = policy.reviewers(&met.directory);
            can_still.remove(&requester);
            PolicyProgress {
                id: policy.id.clone(),
                name: policy.terms.name.clone(),
                needed: policy.terms.approvals,
                given: Vec::new(),
                can_still: can_still.into_iter().collect(),
                blocked_by: Vec::new(),
                met: false,
            }
        });
        let open = match &row {
            Some(row) => self.reading.live_requests_of(&row.id)?.into_iter().map(|request| request.id).collect(),
            None => Vec::new(),
        };
        Ok(Matched {
            policies: policies.collect(),
            needs: needs.collect(),
            freezes: met.freezes.clone(),
            open_requests: open,
            may_break_glass: rights.may(ServerAction::BreakGlass, now),
        })
    }

    /// The number of live requests that each policy applies to.
    ///
    /// # Errors
    /// Those of the store.
    pub fn requests_by_policy(&self, now: Timestamp) -> Result<BTreeMap<PolicyId, u32>, Refusal> {
        let (mut counts, mut sight) = (BTreeMap::new(), self.request_sight()?);
        for request in self.reading.live_requests()? {
            // Nobody learns by a number of what they may not see.
            let Some(found) = sight.find(request)? else { continue };
            for policy in sight.met(&found, now)?.policies {
                *counts.entry(policy.id).or_default() += 1;
            }
        }
        Ok(counts)
    }
}
