//! The time at which a change request is applied, and the reasons for which it may not be.

use jiff::Timestamp;

use super::standing::{PolicyStanding, met};
use super::state::RequestState;
use super::{ApplyMode, ChangeRequest};

/// The things that the clock says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSays {
    /// Its time is over: it expires.
    Expire,
    /// It is approved and its time has come: it is applied, unless something keeps it from starting.
    Apply,
}

/// The thing that the clock says of a request at `now`, if it says something. What waits for somebody to apply it is
/// not due.
pub fn due<C>(request: &ChangeRequest<C>, now: Timestamp) -> Option<ClockSays> {
    if !request.state.is_live() {
        return None;
    }
    let is_over = request.expires_at.is_some_and(|end| end <= now);
    match (&request.mode, request.state) {
        _ if is_over => Some(ClockSays::Expire),
        // Whoever approves it then approves what cannot start any more.
        (ApplyMode::At(time), _) if time.not_after < now => Some(ClockSays::Expire),
        (ApplyMode::At(time), RequestState::Scheduled) => (time.at <= now).then_some(ClockSays::Apply),
        (ApplyMode::WhenApproved, RequestState::Approved) => Some(ClockSays::Apply),
        // Somebody has applied it, and it waits for what keeps it from starting.
        (ApplyMode::ByHand, RequestState::Approved) if request.waiting_for.is_some() => Some(ClockSays::Apply),
        _ => None,
    }
}

/// The first instant later than `after` at which the clock may say something else of a request. Approvals that age are
/// not in it: [`PolicyStanding::ages_at`] says when.
pub fn wakes_at<C>(request: &ChangeRequest<C>, after: Timestamp) -> Option<Timestamp> {
    if !request.state.is_live() {
        return None;
    }
    let time = match &request.mode {
        ApplyMode::At(time) => {
            let starts = (request.state == RequestState::Scheduled).then_some(time.at);
            [starts, time.not_after.checked_add(JUST_AFTER).ok()]
        }
        ApplyMode::WhenApproved | ApplyMode::ByHand => [None, None],
    };
    time.into_iter().chain([request.expires_at]).flatten().filter(|at| *at > after).min()
}

/// The smallest step of a clock.
const JUST_AFTER: jiff::SignedDuration = jiff::SignedDuration::from_nanos(1);

/// The reasons for which a change request may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MayNotApply {
    /// It has ended.
    #[error("The request has ended: it is {0}.")]
    Closed(RequestState),
    /// Its time is over.
    #[error("The time for this change is over.")]
    Over,
    /// Its plan comes out as another one now than the one that was approved.
    #[error("The deployment has changed since this was asked for. An owner rebases it first.")]
    Stale,
    /// A policy is not met.
    #[error("This change is not approved yet.")]
    NotApproved,
    /// Its time has not come.
    #[error("The time for this change has not come; it starts at {0}.")]
    TooEarly(Timestamp),
}

/// Allows a request to be applied at `now`, or says why not. `live_hash` is the hash of its plan, computed again from
/// what there is now, and `standing` its standing now.
///
/// # Errors
/// The first reason why not.
pub fn may_apply<C>(
    request: &ChangeRequest<C>,
    live_hash: &str,
    standing: &[PolicyStanding],
    now: Timestamp,
) -> Result<(), MayNotApply> {
    if !request.state.is_live() {
        return Err(MayNotApply::Closed(request.state));
    }
    if due(request, now) == Some(ClockSays::Expire) {
        return Err(MayNotApply::Over);
    }
    if request.state == RequestState::Stale || request.current.plan_hash != live_hash {
        return Err(MayNotApply::Stale);
    }
    if !matches!(request.state, RequestState::Approved | RequestState::Scheduled) || !met(standing) {
        return Err(MayNotApply::NotApproved);
    }
    match &request.mode {
        ApplyMode::At(time) if now < time.at => Err(MayNotApply::TooEarly(time.at)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
