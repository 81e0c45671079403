//! One change request as a line of a list.

use domain::change_request::{RequestState, ReviewVerdict};
use domain::exact_plan::fields_in_words;
use domain::wire::ChangeRequestView;
use leptos::prelude::*;

use crate::api::href;
use crate::components::{Ago, ImportanceMark, StateLabel, Votes};
use crate::pages::named::NamedList;
use crate::state::state;
use crate::words::requests as words;

/// The line.
#[component]
pub(super) fn RequestRow(request: ChangeRequestView) -> impl IntoView {
    let state = state();
    let now = state.now();
    let address = href(&format!("/approvals/{}", request.id));
    let (word, tone) = words::state(&request);
    let author = request.author.clone();
    let by = move || if state.is_me(&author) { "asked by you".to_owned() } else { state.name_of(&author) };
    let (given, needed) = words::approvals(&request.policies);
    let about = beneath(&request);
    let blockers: Vec<_> = request.policies.iter().flat_map(|policy| policy.blocked_by.clone()).collect();
    let asks_changes = request.state == RequestState::ChangesRequested && !blockers.is_empty();
    let can_review = request.offers.approve.allowed;
    let act = act(&request);
    let asked_at = request.asked_at;
    let (title, importance) = (request.title.clone(), request.importance);
    let ending = StoredValue::new(request);
    let ends = move || ending.with_value(|request| words::ends(request, now.get()));
    view! {
        <div class="grid-row request-row" role="listitem" data-test="request">
            <div>
                <a class="row-link cut second-line" href=address.clone()>{title}</a>
                <span class="under sub"><ImportanceMark importance=importance/><span class="cut">"· "{by}", "<Ago at=asked_at now=now/></span></span>
            </div>
            <div>
                <StateLabel word=word.to_owned() tone=tone/>
                <span class="sub cut second-line" title=about.clone()>
                    {about.clone()}
                    {asks_changes.then(|| view! { <NamedList ids=blockers.clone()/> })}
                </span>
            </div>
            <div>{(needed > 0).then(|| view! { <Votes given=given needed=needed/> })}</div>
            <div>
                <span class="second-line cut">{move || ends().0}</span>
                <span class="sub cut second-line">{move || ends().1}</span>
            </div>
            <div class="act"><a class="button small" class:primary=can_review class:quiet={act == "Open"} href=address>{act}</a></div>
        </div>
    }
}

/// The line under the state: the one thing that matters of it.
fn beneath(request: &ChangeRequestView) -> String {
    if let Some(end) = &request.ended {
        return end.problem.clone().unwrap_or_default();
    }
    match request.state {
        RequestState::Stale => match request.moved.as_slice() {
            [] => "the deployment has changed".to_owned(),
            moved => format!("{} moved", fields_in_words(moved).join(", ")),
        },
        RequestState::ChangesRequested => {
            let asks = |review: &&domain::wire::ReviewView| {
                review.verdict == ReviewVerdict::ChangesRequested && !review.withdrawn && !review.is_void
            };
            let said = request.reviews.iter().rev().find(asks).and_then(|review| review.comment.clone());
            said.map_or_else(|| "by ".to_owned(), |said| format!("“{said}”, "))
        }
        _ if !request.freezes.is_empty() => {
            let names: Vec<_> = request.freezes.iter().map(|freeze| freeze.name.clone()).collect();
            words::joined(&names, "and")
        }
        _ => {
            let unmet = request.policies.iter().filter(|policy| !policy.met);
            let names: Vec<_> = unmet.map(|policy| policy.name.clone()).collect();
            words::joined(&names, "and")
        }
    }
}

/// The word of the button.
fn act(request: &ChangeRequestView) -> &'static str {
    let offers = &request.offers;
    match request.state {
        RequestState::Approved if offers.apply.allowed => "Start",
        _ if offers.approve.allowed => "Review",
        RequestState::Stale if offers.edit.allowed => "Rebase",
        RequestState::ChangesRequested if offers.edit.allowed => "Edit",
        _ => "Open",
    }
}
