//! The last words of everybody, kept apart from the request: what counts is worked out again here, person by person.

use std::collections::{BTreeMap, BTreeSet};

use domain::change_request::ReviewVerdict;
use domain::policy::Policy;
use domain::principal::{Directory, PrincipalId, ServerRole};
use jiff::{SignedDuration, Timestamp};

/// The last verdict of somebody.
struct Voice {
    verdict: ReviewVerdict,
    version: usize,
    plan: String,
    at: Timestamp,
}

/// All that was said, and written.
pub(super) struct Voices {
    last: BTreeMap<PrincipalId, Voice>,
    pub(super) wrote: BTreeSet<PrincipalId>,
}

impl Voices {
    /// Nobody has said anything yet, and this person has written the request.
    pub(super) fn about_a_request_of(author: PrincipalId) -> Self {
        Self { last: BTreeMap::new(), wrote: [author].into() }
    }

    pub(super) fn says(
        &mut self,
        who: &PrincipalId,
        verdict: ReviewVerdict,
        version: usize,
        plan: &str,
        at: Timestamp,
    ) {
        if verdict != ReviewVerdict::Comment {
            self.last.insert(who.clone(), Voice { verdict, version, plan: plan.to_owned(), at });
        }
    }

    pub(super) fn takes_back(&mut self, who: &PrincipalId) {
        self.last.remove(who);
    }

    /// True when this version with this plan is approved by each policy at `now`.
    pub(super) fn approve(
        &self,
        version: usize,
        plan: &str,
        policies: &[Policy],
        directory: &Directory,
        now: Timestamp,
    ) -> bool {
        let active = policies.iter().filter(|policy| policy.terms.active);
        active.into_iter().all(|policy| {
            let valid = SignedDuration::from_hours(hours(policy));
            let mut approving = 0;
            for (who, voice) in &self.last {
                if !may(who, policy, directory) {
                    continue;
                }
                match voice.verdict {
                    ReviewVerdict::ChangesRequested => return false,
                    ReviewVerdict::Comment => {}
                    ReviewVerdict::Approved => {
                        let of_this = voice.version == version && voice.plan == plan;
                        let young = now.duration_since(voice.at) < valid;
                        approving += u32::from(of_this && young && !self.wrote.contains(who));
                    }
                }
            }
            approving >= policy.terms.approvals
        })
    }
}

/// The hours for which an approval counts; the scripts name nothing but hours.
fn hours(policy: &Policy) -> i64 {
    policy.terms.approval_valid_for.to_string().trim_end_matches('h').parse().expect("a number of hours")
}

/// True for somebody who is not disabled and whom the policy names, or who is an administrator where it names nobody.
fn may(who: &PrincipalId, policy: &Policy, directory: &Directory) -> bool {
    let member = &directory.members[who];
    if member.disabled {
        return false;
    }
    let reviewers = &policy.terms.reviewers;
    let groups = directory.groups.values().filter(|group| group.members.contains(who));
    if reviewers.is_empty() {
        member.role == ServerRole::Admin
    } else {
        reviewers.contains(who) || groups.into_iter().any(|group| reviewers.contains(&group.id))
    }
}
