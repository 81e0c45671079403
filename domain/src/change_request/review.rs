//! The right to review a change request, and the reasons for which somebody has it not.

use jiff::Timestamp;

use super::standing::valid_until;
use super::state::RequestState;
use super::{ChangeRequest, ReviewVerdict};
use crate::policy::Policy;
use crate::principal::{Directory, PrincipalId};

/// A review that somebody is about to give.
#[derive(Clone, Copy, Debug)]
pub struct Reviewing<'a> {
    /// The person or service.
    pub author: &'a PrincipalId,
    /// Their verdict.
    pub verdict: ReviewVerdict,
    /// The hash of the plan that they have seen.
    pub plan_hash: &'a str,
    /// They come through an API token.
    pub through_token: bool,
    /// The time.
    pub at: Timestamp,
}

/// The reasons for which somebody may not review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MayNotReview {
    /// The request has ended.
    #[error("The request has ended: it is {0}.")]
    RequestClosed(RequestState),
    /// They come through an API token.
    #[error("Nobody reviews through an API token. Sign in.")]
    TokenScope,
    /// They have written a version of it.
    #[error("You have written a version of this request, so somebody else reviews it.")]
    OwnRequest,
    /// No policy that applies has them as a reviewer now.
    #[error("No policy names you as a reviewer of this request.")]
    NotAReviewer,
    /// The base has moved, so there is nothing to approve before it is rebased.
    #[error("The deployment has changed since this was asked for. An owner rebases it first.")]
    Stale,
    /// It was edited since they have looked at it.
    #[error("The request was edited in the meantime. Look at its current version first.")]
    PlanChanged,
    /// They have given this verdict of this version already.
    #[error("You have reviewed this version already.")]
    AlreadyReviewed,
}

/// Allows a review by the policies that apply to the request, or says why not. Words alone are allowed to everybody who
/// sees the request, which the caller has made sure of.
///
/// # Errors
/// The first reason why not.
pub fn may_review<'a, C>(
    request: &ChangeRequest<C>,
    reviewing: Reviewing<'_>,
    policies: impl IntoIterator<Item = &'a Policy>,
    directory: &Directory,
) -> Result<(), MayNotReview> {
    let Reviewing { author, verdict, plan_hash, through_token, at } = reviewing;
    if !request.state.is_live() {
        return Err(MayNotReview::RequestClosed(request.state));
    }
    if through_token {
        return Err(MayNotReview::TokenScope);
    }
    if verdict == ReviewVerdict::Comment {
        return Ok(());
    }
    if request.authors().contains(author) {
        return Err(MayNotReview::OwnRequest);
    }
    let named: Vec<_> = policies.into_iter().filter(|policy| policy.eligible(author, directory)).collect();
    if named.is_empty() {
        return Err(MayNotReview::NotAReviewer);
    }
    if request.state == RequestState::Stale {
        return Err(MayNotReview::Stale);
    }
    if plan_hash != request.current.plan_hash {
        return Err(MayNotReview::PlanChanged);
    }
    let again = request
        .verdict_of(author)
        .filter(|last| !last.withdrawn && last.verdict == verdict && last.version == request.current.number);
    // An approval that has aged is given again.
    let counts = |policy: &&Policy| {
        verdict != ReviewVerdict::Approved || again.is_some_and(|last| at < valid_until(last, policy))
    };
    if again.is_some() && named.iter().all(counts) {
        return Err(MayNotReview::AlreadyReviewed);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
