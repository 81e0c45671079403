//! Approvals, counted for each policy at one moment, and the event that they come to.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{RequestEvent, RequestState};
use super::{ChangeRequest, Review, ReviewVerdict};
use crate::id::PolicyId;
use crate::policy::Policy;
use crate::principal::{Directory, PrincipalId};

/// A request's standing by one policy at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyStanding {
    /// The policy.
    pub policy: PolicyId,
    /// The number of people who must approve.
    pub needed: u32,
    /// The people whose approval counts.
    pub given: BTreeSet<PrincipalId>,
    /// The people who can still approve.
    pub can_still: BTreeSet<PrincipalId>,
    /// The people who want something changed, and have not taken that back.
    pub blocked_by: BTreeSet<PrincipalId>,
    /// The first instant at which one of these approvals counts no more; none when none counts.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ages_at: Option<Timestamp>,
}

impl PolicyStanding {
    /// True when enough people have approved, and nobody wants anything changed.
    pub fn met(&self) -> bool {
        self.given.len() >= self.needed as usize && self.blocked_by.is_empty()
    }

    /// True when enough people have approved or still can.
    pub fn can_be_met(&self) -> bool {
        self.given.union(&self.can_still).count() >= self.needed as usize
    }
}

/// True when all policies are met, also when there is none.
pub fn met(standing: &[PolicyStanding]) -> bool {
    standing.iter().all(PolicyStanding::met)
}

/// The standing of a request by each of the policies that apply to it, at `now`.
///
/// An approval counts while its author is eligible and has written no version, when it is of the current version and
/// its hash, is not taken back, was not replaced by a later verdict, and is younger than the policy says. It counts for
/// each policy that it fits. A wish for changes counts until its author takes it back, replaces it or is eligible no
/// more, whatever version it was of.
pub fn standing<'a, C>(
    request: &ChangeRequest<C>,
    policies: impl IntoIterator<Item = &'a Policy>,
    directory: &Directory,
    now: Timestamp,
) -> Vec<PolicyStanding> {
    policies.into_iter().map(|policy| by_policy(request, policy, directory, now)).collect()
}

fn by_policy<C>(request: &ChangeRequest<C>, policy: &Policy, directory: &Directory, now: Timestamp) -> PolicyStanding {
    let authors = request.authors();
    let (mut given, mut can_still, mut blocked_by) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut ages_at: Option<Timestamp> = None;
    for person in policy.reviewers(directory) {
        let verdict = request.verdict_of(&person).filter(|review| !review.withdrawn);
        if verdict.is_some_and(|review| review.verdict == ReviewVerdict::ChangesRequested) {
            blocked_by.insert(person.clone());
        }
        if authors.contains(&person) {
            continue;
        }
        let end = verdict.filter(|review| approves(request, review)).map(|review| valid_until(review, policy));
        match end.filter(|end| now < *end) {
            Some(end) => {
                ages_at = Some(ages_at.map_or(end, |first| first.min(end)));
                given.insert(person);
            }
            None => drop(can_still.insert(person)),
        }
    }
    PolicyStanding { policy: policy.id.clone(), needed: policy.terms.approvals, given, can_still, blocked_by, ages_at }
}

/// True for an approval of the version that is asked for now.
fn approves<C>(request: &ChangeRequest<C>, review: &Review) -> bool {
    // The number too: an edit that comes back to an earlier plan is approved anew.
    review.verdict == ReviewVerdict::Approved
        && review.version == request.current.number
        && review.plan_hash == request.current.plan_hash
}

/// The first instant at which an approval counts no more for a policy.
pub(super) fn valid_until(review: &Review, policy: &Policy) -> Timestamp {
    policy.terms.approval_valid_for.after(review.at)
}

/// The event that the standing of a request comes to, if it moves. It is asked again after each event, until there is
/// none.
pub fn judged<C>(request: &ChangeRequest<C>, standing: &[PolicyStanding]) -> Option<RequestEvent> {
    let wants_changes = |person: &PrincipalId| {
        request.verdict_of(person).is_some_and(|review| review.version == request.current.number)
    };
    let blocked = standing.iter().flat_map(|policy| &policy.blocked_by).any(wants_changes);
    match request.state {
        RequestState::Open if blocked => Some(RequestEvent::ChangesRequested),
        RequestState::Open | RequestState::ChangesRequested if met(standing) => {
            Some(RequestEvent::PoliciesMet(request.mode.word()))
        }
        RequestState::ChangesRequested if !blocked => Some(RequestEvent::ChangesWithdrawn),
        RequestState::Approved | RequestState::Scheduled if !met(standing) => Some(RequestEvent::PoliciesUnmet),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
