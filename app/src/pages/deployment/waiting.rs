//! Banners of a deployment: a request that is open, a freeze that holds it.

use domain::policy::GatedAction;
use domain::wire::MatchPolicies;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::requests::Wanted;
use crate::api::{self, href};
use crate::components::{Glyph, Icon};
use crate::pages::named::Named;
use crate::state::{Query, state};
use crate::words::{own_zone, requests};

/// As many open requests are told.
const MOST: u32 = 5;
/// Milliseconds until a freeze that has begun or ended by itself is seen.
const AGAIN_MS: u32 = 60_000;

/// The banners. They say nothing where nobody has asked for anything and no freeze holds.
#[component]
pub(super) fn Waiting() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let changes = move || (state.requests_changed(), state.touches(&subject.id()));
    let open = Query::whenever(changes, move || async move {
        let wanted = Wanted::LiveOf(subject.id().to_string());
        api::requests::list(&wanted, MOST, None).await.map(|page| page.items)
    });
    let matched = Query::whenever(changes, move || async move {
        let deployment = Some(subject.id().to_string());
        api::policies::matched(&MatchPolicies::new(deployment, GatedAction::Replace)).await
    });
    matched.ask_every(AGAIN_MS, || true);
    view! {
        {move || open.value().map(|open| open.iter().cloned().map(|request| {
            let (word, _) = requests::state(&request);
            let starts = requests::starts(&request.apply, request.state);
            view! {
                <p class="quiet-box" data-test="open-request">
                    <Glyph icon=Icon::Approvals/>
                    <span><a href=href(&format!("/approvals/{}", request.id))>{request.title.clone()}</a>", asked by "<Named id=request.author/></span>
                    <span class="sub">{format!("{word} · {starts}")}</span>
                </p>
            }
        }).collect_view())}
        {move || matched.value().map(|matched| {
            matched.freezes.iter().map(|freeze| {
                let until = freeze.until.map_or("until somebody lifts it".to_owned(), |until| {
                    format!("until {}", own_zone::moment_and_place(until))
                });
                view! {
                    <p class="quiet-box" data-test="freeze-banner">
                        <span class="moving"><Glyph icon=Icon::Freeze/></span>
                        <span><a href=href("/freezes")>{freeze.name.clone()}</a>{format!(" holds this deployment {until}.")}</span>
                        <span class="sub">{freeze.reason.clone()}</span>
                    </p>
                }
            }).collect_view()
        })}
    }
}
