//! Change requests: a change that somebody asks for, its versions, what reviewers say of them, and when it is applied.
//!
//! # Flow
//!
//! A request has one state; [`next`] alone says what an event makes of it. [`standing`] counts, for each policy, who
//! has approved the current version and who still can; [`judged`] says which event that comes to, [`due`] which one the
//! clock does. [`may_review`] and [`may_apply`] are asked before a review is kept and before the change starts.
//!
//! # Guarantees
//!
//! Everything is judged by who may review now. An approval is of one version with one hash; a version that was edited
//! has none. Nobody's approval counts for a request of which they wrote a version.

mod apply;
mod review;
mod standing;
mod state;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error_code::ErrorCode;
use crate::id::{DeploymentId, RequestId, RolloutNumber};
use crate::principal::PrincipalId;
use crate::terms::InvalidTerms;
use crate::words::OpenWord;

pub use apply::{ClockSays, MayNotApply, due, may_apply, wakes_at};
pub use review::{MayNotReview, Reviewing, may_review};
pub use standing::{PolicyStanding, judged, met, standing};
pub use state::{ApplyWord, RequestEvent, RequestForbids, RequestState, next};

/// A time at which a change is to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplyTime {
    /// The instant from which on it is applied.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The zone in which somebody wrote the time, to show it in; it changes nothing.
    #[serde(default)]
    pub zone: Option<String>,
    /// The last instant at which it is applied: what could not be started by then expires.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub not_after: Timestamp,
}

/// The time that a change has to start when nobody says another.
const TO_START: SignedDuration = SignedDuration::from_hours(1);

impl ApplyTime {
    /// A time of which the last instant is `not_after`, or an hour after `at`.
    ///
    /// # Errors
    /// `not_after` is not later than `at`.
    pub fn new(at: Timestamp, zone: Option<String>, not_after: Option<Timestamp>) -> Result<Self, InvalidTerms> {
        let not_after = not_after.unwrap_or_else(|| at.checked_add(TO_START).unwrap_or(Timestamp::MAX));
        if not_after <= at {
            return Err(InvalidTerms::new("not_after", "it must be later than at"));
        }
        Ok(Self { at, zone, not_after })
    }
}

/// The way in which a change request is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApplyMode {
    /// As soon as all policies are met.
    WhenApproved,
    /// Once all policies are met and an owner says so.
    ByHand,
    /// At a time.
    At(ApplyTime),
}

impl ApplyMode {
    /// The word for it.
    pub fn word(&self) -> ApplyWord {
        match self {
            Self::WhenApproved => ApplyWord::WhenApproved,
            Self::ByHand => ApplyWord::ByHand,
            Self::At(_) => ApplyWord::At,
        }
    }
}

words! {
    /// The things that keep an approved change from starting. It starts by itself when they end.
    pub enum WaitingFor {
        /// A freeze holds.
        Freeze = "freeze",
        /// The engine is at something else on the deployment.
        Operation = "operation",
        /// Its check is too old, and runs again.
        Check = "check",
    }
}

words! {
    /// The verdicts of a review.
    pub enum ReviewVerdict {
        /// The version may be applied.
        Approved = "approved",
        /// The version must be changed first.
        ChangesRequested = "changes_requested",
        /// Words alone.
        Comment = "comment",
    }
}

/// One version of what is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestVersion<C> {
    /// Its number, from 1, without gaps.
    pub number: u32,
    /// The person or service who wrote it.
    pub author: PrincipalId,
    /// The time at which it was written.
    pub at: Timestamp,
    /// The hash of its plan, which is what reviewers approve.
    pub plan_hash: String,
    /// The change itself.
    pub content: C,
}

/// A review: what one person says of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The person.
    pub author: PrincipalId,
    /// The number of the version.
    pub version: u32,
    /// The hash of the plan that they have seen.
    pub plan_hash: String,
    /// Their verdict.
    pub verdict: ReviewVerdict,
    /// Their words.
    #[serde(default)]
    pub comment: Option<String>,
    /// The time at which they said it.
    pub at: Timestamp,
    /// They have taken it back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// The end of a change request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestEnd {
    /// The time of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The reason for which the change could not be started, in a word.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub code: Option<OpenWord<ErrorCode>>,
    /// The same in a sentence.
    #[serde(default)]
    pub problem: Option<String>,
    /// The rollout that it has become.
    #[serde(default)]
    pub rollout: Option<RolloutNumber>,
}

/// A change that somebody asks for; `C` is what is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRequest<C> {
    /// Names it.
    pub id: RequestId,
    /// The deployment; none while it is to be made.
    pub deployment: Option<DeploymentId>,
    /// The person or service who asked first.
    pub author: PrincipalId,
    /// The version that is asked for now.
    pub current: RequestVersion<C>,
    /// The versions before it, oldest first.
    #[serde(default = "Vec::new")]
    pub earlier: Vec<RequestVersion<C>>,
    /// The reviews of all versions, oldest first. The later one of a person replaces the earlier one.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// Its state.
    pub state: RequestState,
    /// The way in which it is applied.
    pub mode: ApplyMode,
    /// The thing that keeps it from starting, though it is approved and its time has come.
    #[serde(default)]
    pub waiting_for: Option<WaitingFor>,
    /// The instant at which it ends by itself, if nobody has applied it by then.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// The time at which it was asked.
    pub asked_at: Timestamp,
    /// Its end, once it has ended.
    #[serde(default)]
    pub ended: Option<RequestEnd>,
}

/// Most versions of a request.
pub const MOST_VERSIONS: usize = 50;
/// Most reviews of a request, comments included.
pub const MOST_REVIEWS: usize = 500;

/// The reasons for which nothing can be added to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestFull {
    /// It has as many versions as it may.
    #[error("The request has {MOST_VERSIONS} versions already. Cancel it and ask again.")]
    Versions,
    /// It has as many reviews as it may.
    #[error("The request has {MOST_REVIEWS} reviews already. Cancel it and ask again.")]
    Reviews,
}

impl<C> ChangeRequest<C> {
    /// All versions, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &RequestVersion<C>> {
        self.earlier.iter().chain([&self.current])
    }

    /// Everybody who has written a version of it. They cannot approve it.
    pub fn authors(&self) -> BTreeSet<&PrincipalId> {
        self.versions().map(|version| &version.author).chain([&self.author]).collect()
    }

    /// The last verdict of a person that is more than words, of whatever version; also one that they have taken back.
    pub fn verdict_of(&self, person: &PrincipalId) -> Option<&Review> {
        self.reviews.iter().rev().find(|review| review.author == *person && review.verdict != ReviewVerdict::Comment)
    }

    /// Moves it on by an event. What it waited for is forgotten.
    ///
    /// # Errors
    /// Its state has no place for the event; nothing changes then.
    pub fn advance(&mut self, event: RequestEvent) -> Result<(), RequestForbids> {
        self.state = next(self.state, event)?;
        self.waiting_for = None;
        Ok(())
    }

    /// Gives it another version. [`RequestEvent::Edited`] goes with it.
    ///
    /// # Errors
    /// It has as many as it may; nothing changes then.
    pub fn edit(
        &mut self,
        author: PrincipalId,
        at: Timestamp,
        plan_hash: String,
        content: C,
    ) -> Result<(), RequestFull> {
        if self.earlier.len() + 1 >= MOST_VERSIONS {
            return Err(RequestFull::Versions);
        }
        let version = RequestVersion { number: self.current.number + 1, author, at, plan_hash, content };
        self.earlier.push(std::mem::replace(&mut self.current, version));
        Ok(())
    }

    /// Gives it another review.
    ///
    /// # Errors
    /// It has as many as it may; nothing changes then.
    pub fn review(&mut self, review: Review) -> Result<(), RequestFull> {
        if self.reviews.len() >= MOST_REVIEWS {
            return Err(RequestFull::Reviews);
        }
        self.reviews.push(review);
        Ok(())
    }

    /// Takes back the last verdict of a person. The one before it does not count again. False when there is none to
    /// take back.
    pub fn withdraw(&mut self, person: &PrincipalId) -> bool {
        let verdict = |review: &&mut Review| review.author == *person && review.verdict != ReviewVerdict::Comment;
        match self.reviews.iter_mut().rev().find(verdict) {
            Some(review) => !std::mem::replace(&mut review.withdrawn, true),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
