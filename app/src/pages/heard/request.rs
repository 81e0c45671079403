//! How a request stands, in a few words.

use domain::change_request::{ApplyMode, RequestState, ReviewVerdict, WaitingFor};
use domain::wire::ReviewView;

use super::note::Note;
use crate::api::requests::RequestInBrief;
use crate::components::Icon;
use crate::state::{RequestNews, State};
use crate::words::own_zone;

impl Note {
    /// That of a request, after what somebody did to it.
    pub(super) fn of_request(view: &RequestInBrief, news: &RequestNews, state: State) -> Self {
        let by = state.actor_name(&news.by);
        let theirs = |review: &&ReviewView| review.author.to_string() == news.by.as_str() && !review.withdrawn;
        let review = view.reviews.iter().rev().find(theirs);
        let approved = review.is_some_and(|review| review.verdict == ReviewVerdict::Approved && !review.is_void);
        let (icon, tone, text) = match view.state {
            RequestState::Applied if approved => {
                (Icon::Check, "good", format!("{by} approved it, and it was started."))
            }
            RequestState::Applied => (Icon::Check, "good", "It was started.".to_owned()),
            RequestState::Approved | RequestState::Scheduled => match view.waiting_for {
                Some(WaitingFor::Freeze) => {
                    (Icon::Freeze, "moving", "It is approved, and held by a freeze.".to_owned())
                }
                Some(_) => (Icon::Clock, "moving", "It is approved, and waits to start.".to_owned()),
                None => (Icon::Check, "good", starts(&view.apply)),
            },
            RequestState::ChangesRequested => (Icon::Warning, "warning", said(&by, "requests changes", review)),
            RequestState::Stale => {
                (Icon::Warning, "warning", "The deployment has changed: it needs a rebase.".to_owned())
            }
            RequestState::Cancelled => (Icon::Close, "", format!("{by} cancelled it. Nothing was changed.")),
            RequestState::Expired => {
                (Icon::Clock, "warning", "It was not applied in time. Nothing was changed.".to_owned())
            }
            RequestState::Failed => {
                let why = view.ended.as_ref().and_then(|end| end.problem.clone());
                (Icon::Stop, "bad", why.unwrap_or_else(|| "It could not be started.".to_owned()))
            }
            RequestState::Open if approved => {
                (Icon::Check, "good", format!("{by} approved it. It needs more approvals."))
            }
            RequestState::Open => match review.map(|review| review.verdict) {
                Some(ReviewVerdict::Comment) => (Icon::Approvals, "moving", said(&by, "commented", review)),
                _ => (Icon::Approvals, "moving", "It waits for review.".to_owned()),
            },
        };
        let started = view.ended.as_ref().and_then(|end| end.rollout).map(|_| view.deployment_name.clone());
        let page = format!("/approvals/{}", view.id);
        let follow = started.map(|name| (format!("/deployments/{name}"), "Watch it"));
        Self { page, title: view.title.clone(), icon, tone, text, follow, name: "heard" }
    }
}

fn starts(mode: &ApplyMode) -> String {
    match mode {
        ApplyMode::At(time) => format!("It is approved, and starts {}.", own_zone::moment_and_place(time.at)),
        ApplyMode::ByHand => "It is approved, and you can start it.".to_owned(),
        ApplyMode::WhenApproved => "It is approved.".to_owned(),
    }
}

/// What somebody did, with their words.
fn said(by: &str, what: &str, review: Option<&ReviewView>) -> String {
    match review.and_then(|review| review.comment.as_deref()) {
        Some(words) => format!("{by} {what}: “{words}”"),
        None => format!("{by} {what}."),
    }
}
