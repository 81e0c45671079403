//! What became of what one has asked for, told on whatever page one is.
//!
//! # Flow
//! Somebody else, or the server, does something to a change request → the request is read → when it is one's own, a
//! note says how it stands now. It stays until it is closed or followed; each request has one.

use domain::change_request::{ApplyMode, RequestState, ReviewVerdict, WaitingFor};
use domain::id::{DeploymentName, RequestId};
use domain::wire::{ChangeRequestView, ReviewView};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, href};
use crate::components::{Glyph, Icon};
use crate::state::{RequestNews, State, state};
use crate::words::zones;

/// Notes that are shown at a time.
const MOST: usize = 3;

/// How a request stands, in a few words.
#[derive(Clone, PartialEq)]
struct Note {
    request: RequestId,
    title: String,
    icon: Icon,
    tone: &'static str,
    text: String,
    /// The deployment on which it was started.
    started: Option<DeploymentName>,
}

/// The notes, in a corner of the window.
#[component]
pub(crate) fn Heard() -> impl IntoView {
    let state = state();
    let location = use_location();
    let notes = RwSignal::new(Vec::<Note>::new());
    let close = move |request: &RequestId| notes.update(|notes| notes.retain(|note| note.request != *request));
    Effect::new(move |_| {
        for news in state.take_request_news() {
            spawn_local(async move {
                let Ok(view) = api::requests::read(&news.request).await else { return };
                if untrack(|| state.is_me(&view.author)) {
                    let note = untrack(|| Note::of(&view, &news, state));
                    notes.try_update(|notes| {
                        notes.retain(|known| known.request != note.request);
                        notes.push(note);
                        notes.drain(..notes.len().saturating_sub(MOST));
                    });
                }
            });
        }
    });
    // The page of a request tells it all.
    let elsewhere = Memo::new(move |_| {
        let path = location.pathname.get();
        notes.with(|notes| {
            let others = notes.iter().filter(|note| path != address(&note.request));
            others.cloned().collect::<Vec<_>>()
        })
    });
    Effect::new(move |_| {
        let path = location.pathname.get();
        if notes.with(|notes| notes.iter().any(|note| path == address(&note.request))) {
            notes.update(|notes| notes.retain(|note| path != address(&note.request)));
        }
    });
    view! {
        <div class="heard" role="status" aria-live="polite">
            {move || elsewhere.get().into_iter().map(|note| {
                let (closed, followed) = (note.request.clone(), note.request.clone());
                let started = note.started.map(|name| view! {
                    " "<a href=href(&format!("/deployments/{name}")) data-test="heard-rollout" on:click=move |_| close(&followed)>"Watch it"</a>
                });
                view! {
                    <div class="toast" data-test="heard">
                        <span class=note.tone><Glyph icon=note.icon/></span>
                        <div class="toast-text">
                            <a class="name" href=address(&note.request)>{note.title}</a>
                            <span class="sub">{note.text}{started}</span>
                        </div>
                        <button type="button" class="button quiet square small" aria-label="Close" on:click=move |_| close(&closed)>
                            <Glyph icon=Icon::Close/>
                        </button>
                    </div>
                }
            }).collect_view()}
        </div>
    }
}

fn address(request: &RequestId) -> String {
    href(&format!("/approvals/{request}"))
}

impl Note {
    fn of(view: &ChangeRequestView, news: &RequestNews, state: State) -> Self {
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
        Self { request: view.id.clone(), title: view.title.clone(), icon, tone, text, started }
    }
}

fn starts(mode: &ApplyMode) -> String {
    match mode {
        ApplyMode::At(time) => {
            let (name, zone) = zones::own_zone();
            format!("It is approved, and starts {} ({}).", zones::moment(time.at, &zone), zones::place(&name))
        }
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
