//! The words of notices: topics, and the states of messages.

use domain::notice::{DeliveryState, Topic};

use super::Tone;

/// A topic in a few words.
pub(crate) fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::RolloutEnded => "Replaced or rolled back",
        Topic::DeploymentDeleted => "Deleted",
        Topic::AccessChanged => "Shared",
        Topic::ReviewWanted => "Waits for your review",
        Topic::RequestMoved => "Change requests",
        Topic::RequestWaits => "Scheduled, or waits",
        Topic::BreakGlass => "Break-glass",
        Topic::FreezeChanged => "Freezes",
        Topic::ServerChanged => "People, policies, deliveries",
        Topic::OwnAccount => "Your account",
    }
}

/// What a topic is about, in a sentence.
pub(crate) fn about(topic: Topic) -> &'static str {
    match topic {
        Topic::RolloutEnded => "A rollout on a deployment with a role of yours completed, went back or failed.",
        Topic::DeploymentDeleted => "A deployment with a role of yours is deleted.",
        Topic::AccessChanged => "Somebody was given another role on a deployment of yours.",
        Topic::ReviewWanted => "A change is asked for that you can approve, and reminders of it.",
        Topic::RequestMoved => "What became of a change that you asked for, or on a deployment that you own.",
        Topic::RequestWaits => "Such a change has its time, waits for something, or ends soon.",
        Topic::BreakGlass => "Somebody overrode a policy or a freeze.",
        Topic::FreezeChanged => "A freeze holds a deployment that you own, or will soon.",
        Topic::ServerChanged => {
            "For administrators: roles on the server, policies, what has no owner, what could not be delivered."
        }
        Topic::OwnAccount => "A new sign-in, a token, a password, ended sessions.",
    }
}

/// The state of a message in words, with its tone.
pub(crate) fn delivery(state: DeliveryState) -> (&'static str, Tone) {
    match state {
        DeliveryState::Waiting => ("Waits", Tone::Waits),
        DeliveryState::Delivered => ("Delivered", Tone::Good),
        DeliveryState::Refused => ("Refused", Tone::Bad),
        DeliveryState::GivenUp => ("Given up", Tone::Bad),
    }
}
