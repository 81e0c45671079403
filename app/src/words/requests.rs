//! The words of change requests: their states, when they start, and how they end.

use domain::change_request::{ApplyMode, RequestState, WaitingFor};
use domain::policy::GatedAction;
use domain::wire::{ChangeRequestView, PolicyProgress};
use jiff::Timestamp;

use super::{Tone, own_zone, zones};

/// The state of a request in words, with its tone.
pub(crate) fn state(request: &ChangeRequestView) -> (&'static str, Tone) {
    match (request.state, request.waiting_for) {
        (RequestState::Approved | RequestState::Scheduled, Some(WaitingFor::Freeze)) => {
            ("Held by a freeze", Tone::Held)
        }
        (RequestState::Approved | RequestState::Scheduled, Some(_)) => ("Waits to start", Tone::Waits),
        (RequestState::Open, _) => ("Waits for review", Tone::Waits),
        (RequestState::ChangesRequested, _) => ("Changes requested", Tone::Warning),
        (RequestState::Approved, _) => ("Approved", Tone::Waits),
        (RequestState::Scheduled, _) => ("Scheduled", Tone::Waits),
        (RequestState::Stale, _) => ("Stale", Tone::Warning),
        (RequestState::Applied, _) => ("Applied", Tone::Off),
        (RequestState::Cancelled, _) => ("Cancelled", Tone::Off),
        (RequestState::Expired, _) => ("Expired", Tone::Off),
        (RequestState::Failed, _) => ("Not started", Tone::Bad),
    }
}

/// When a request starts, as the end of a sentence about it.
pub(crate) fn starts(mode: &ApplyMode, state: RequestState) -> String {
    match mode {
        ApplyMode::WhenApproved => "starts as soon as it is approved".to_owned(),
        ApplyMode::ByHand => "an owner starts it, once it is approved".to_owned(),
        ApplyMode::At(time) => {
            let at = match &time.zone {
                Some(name) => zones::moment_and_place(time.at, name),
                None => own_zone::moment_and_place(time.at),
            };
            let when = if state == RequestState::Scheduled { "" } else { ", when approved by then" };
            format!("starts {at}{when}")
        }
    }
}

/// When a request ends by itself, and what happens then; as two short lines.
pub(crate) fn ends(request: &ChangeRequestView, now: Timestamp) -> (String, &'static str) {
    if let Some(end) = &request.ended {
        let what = match request.state {
            RequestState::Applied => "started",
            RequestState::Expired => "ended by itself",
            RequestState::Failed => "could not start",
            _ => "cancelled",
        };
        return (super::times::ago(end.at, now), what);
    }
    if let ApplyMode::At(time) = &request.apply
        && matches!(request.state, RequestState::Scheduled)
    {
        return (zones::within(time.at, now), "starts by itself");
    }
    match request.expires_at {
        Some(at) => (zones::within(at, now), "cancels by itself"),
        None => ("stays open".to_owned(), "until somebody acts"),
    }
}

/// A gated action, as a sentence begins.
pub(crate) fn doing(action: GatedAction) -> &'static str {
    match action {
        GatedAction::Create => "Creating",
        GatedAction::Replace => "Replacing",
        GatedAction::Delete => "Deleting",
        GatedAction::Importance => "Changing importance",
        GatedAction::Settings => "Changing settings",
        GatedAction::Status => "Activating or deactivating",
        GatedAction::Statistics => "Clearing statistics",
        GatedAction::Rollback => "Rolling back further",
    }
}

/// A gated action as something that is done.
pub(crate) fn to_do(action: GatedAction) -> &'static str {
    match action {
        GatedAction::Create => "Create a deployment",
        GatedAction::Replace => "Replace the model",
        GatedAction::Delete => "Delete it",
        GatedAction::Importance => "Change its importance",
        GatedAction::Settings => "Change its settings",
        GatedAction::Status => "Activate or deactivate it",
        GatedAction::Statistics => "Clear its statistics",
        GatedAction::Rollback => "Roll back further than one step",
    }
}

/// The first and the last digits of a hash, which tell it from others.
pub(crate) fn short_hash(hash: &str) -> String {
    match (hash.get(..8), hash.len().checked_sub(4).and_then(|from| hash.get(from..))) {
        (Some(first), Some(last)) if hash.len() > 16 => format!("{first}…{last}"),
        _ => hash.to_owned(),
    }
}

/// *a*, *a and b*, *a, b and c*.
pub(crate) fn joined(parts: &[String], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// The approvals that count, and those that are needed, over all policies.
pub(crate) fn approvals(policies: &[PolicyProgress]) -> (usize, usize) {
    let given = policies.iter().map(|policy| policy.given.len().min(policy.needed as usize)).sum();
    (given, policies.iter().map(|policy| policy.needed as usize).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_told_by_its_ends() {
        assert_eq!(short_hash("9f2c41e0000000000000000000007ab3"), "9f2c41e0…7ab3");
        assert_eq!(short_hash("short"), "short");
    }

    #[test]
    fn a_list_reads_like_a_sentence() {
        let list = |parts: &[&str]| joined(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>(), "and");
        assert_eq!([list(&[]), list(&["a"]), list(&["a", "b", "c"])], ["", "a", "a, b and c"]);
    }
}
