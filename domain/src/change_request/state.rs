//! The states of a change request, and the one function from a state and an event to the next state.

use std::fmt;

use serde::{Deserialize, Serialize};

words! {
    /// The state of a change request.
    pub enum RequestState {
        /// It waits for approvals.
        Open = "open",
        /// A reviewer wants its current version changed.
        ChangesRequested = "changes_requested",
        /// All policies are met. It waits for somebody to apply it, or for what keeps it from starting.
        Approved = "approved",
        /// All policies are met, and it waits for its time.
        Scheduled = "scheduled",
        /// The base that it was asked for has moved. It waits to be rebased.
        Stale = "stale",
        /// Its change was started.
        Applied = "applied",
        /// Somebody cancelled it, or its deployment was deleted.
        Cancelled = "cancelled",
        /// It was not applied in time.
        Expired = "expired",
        /// The change could not be started.
        Failed = "failed",
    }
}

impl RequestState {
    /// True until it has ended. A request that has ended stays as it ended.
    pub fn is_live(self) -> bool {
        match self {
            Self::Open | Self::ChangesRequested | Self::Approved | Self::Scheduled | Self::Stale => true,
            Self::Applied | Self::Cancelled | Self::Expired | Self::Failed => false,
        }
    }
}

words! {
    /// The ways in which a change request can be applied.
    pub enum ApplyWord {
        /// As soon as all policies are met.
        WhenApproved = "when_approved",
        /// Once all policies are met and an owner says so.
        ByHand = "by_hand",
        /// At a time.
        At = "at",
    }
}

/// Events in the life of a change request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestEvent {
    /// An owner edited or rebased it: it has another version, of which nobody has approved anything.
    Edited,
    /// A reviewer wants the current version changed.
    ChangesRequested,
    /// Nobody wants the current version changed any more.
    ChangesWithdrawn,
    /// All policies are met, and it is to be applied in this way.
    PoliciesMet(ApplyWord),
    /// A policy is met no more: it got stricter, or an approval counts no more.
    PoliciesUnmet,
    /// The base has moved: another rollout, another importance, other checks.
    BaseMoved,
    /// Its change was started.
    Applied,
    /// The change could not be started.
    Failed,
    /// Its author, an owner or an administrator cancelled it.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Its deployment was deleted.
    DeploymentDeleted,
}

impl fmt::Display for RequestEvent {
    /// Completes the sentence that a request cannot …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Edited => "be edited",
            Self::ChangesRequested => "have changes requested",
            Self::ChangesWithdrawn => "have requested changes withdrawn",
            Self::PoliciesMet(_) => "be approved",
            Self::PoliciesUnmet => "lose its approval",
            Self::BaseMoved => "become stale",
            Self::Applied => "be applied",
            Self::Failed => "fail",
            Self::Cancelled => "be cancelled",
            Self::Expired => "expire",
            Self::DeploymentDeleted => "lose its deployment",
        })
    }
}

/// An event that a state has no place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a change request that is {state} cannot {event}")]
pub struct RequestForbids {
    /// The state of the request.
    pub state: RequestState,
    /// The event that was to happen.
    pub event: RequestEvent,
}

/// The state after `event` in `state`. Only what is approved or scheduled is ever applied.
///
/// # Errors
/// [`RequestForbids`] when the state has no place for the event; nothing changes then. An ended request stays as it
/// ended.
pub fn next(state: RequestState, event: RequestEvent) -> Result<RequestState, RequestForbids> {
    use RequestEvent as Event;
    use RequestState::{Applied, Approved, Cancelled, ChangesRequested, Expired, Failed, Open, Scheduled, Stale};
    Ok(match (state, event) {
        (Applied | Cancelled | Expired | Failed, _) => return Err(RequestForbids { state, event }),
        (_, Event::Cancelled | Event::DeploymentDeleted) => Cancelled,
        (_, Event::Expired) => Expired,
        (_, Event::BaseMoved) => Stale,
        (_, Event::Edited) => Open,
        (Open, Event::ChangesRequested) => ChangesRequested,
        (ChangesRequested, Event::ChangesWithdrawn) => Open,
        (Open | ChangesRequested, Event::PoliciesMet(ApplyWord::At)) => Scheduled,
        (Open | ChangesRequested, Event::PoliciesMet(ApplyWord::WhenApproved | ApplyWord::ByHand)) => Approved,
        (Approved | Scheduled, Event::PoliciesUnmet) => Open,
        (Approved | Scheduled, Event::Applied) => Applied,
        (Approved | Scheduled, Event::Failed) => Failed,
        _ => return Err(RequestForbids { state, event }),
    })
}

#[cfg(test)]
mod tests;
