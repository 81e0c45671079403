//! What a freeze holds at this moment, until when, and what starts by itself then.

use domain::wire::FreezeView;
use leptos::prelude::*;

use super::zone::zone_of;
use crate::api::href;
use crate::components::{Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::state::state;
use crate::words::{count, own_zone, with_full_stop, zones};

/// A banner for each freeze that holds.
#[component]
pub(super) fn HeldNow(freezes: Vec<FreezeView>, open: Callback<String>) -> impl IntoView {
    let held = freezes.into_iter().filter(|view| view.holds.is_some());
    held.map(|view| view! { <HeldBanner view=view open=open/> }).collect_view()
}

#[component]
fn HeldBanner(view: FreezeView, open: Callback<String>) -> impl IntoView {
    let state = state();
    let terms = view.freeze.terms;
    let until = view.holds.and_then(|hold| hold.until);
    let deployments = count(view.deployments.len(), "deployment", "deployments");
    let title = match until {
        Some(until) => {
            let own = own_zone::name();
            let theirs = zone_of(&terms.when).unwrap_or_else(|| own.clone());
            let there = zones::moment_and_place(until, &theirs);
            let here = if theirs == own { String::new() } else { format!(", {} for you", own_zone::soon(until)) };
            format!("{} holds {deployments} until {there}{here}", terms.name)
        }
        None => format!("{} holds {deployments} until somebody turns it off", terms.name),
    };
    let waiting = match view.waiting {
        0 => "Nothing waits for its end. ".to_owned(),
        waiting => format!(
            "{} for its end and {} by itself then. ",
            count(waiting as usize, "change waits", "changes wait"),
            if waiting == 1 { "starts" } else { "start" }
        ),
    };
    let id = view.freeze.id.to_string();
    view! {
        <section class="banner moving with-buttons" data-test="held-now" role="status">
            <Glyph icon=Icon::Freeze/>
            <div class="banner-text">
                <b>{title}</b>
                <p>
                    {(!terms.reason.is_empty()).then(|| format!("{} ", with_full_stop(&terms.reason)))}
                    {waiting}
                    {(view.waiting > 0).then(|| view! { <a href=href("/approvals?for=all")>"See what waits"</a>". " })}
                    "Rollouts under way, restarts and returns go on."
                </p>
            </div>
            <Show when=move || state.is_admin()>
                <span class="buttons">
                    <button
                        type="button"
                        class="button small"
                        data-test="lift"
                        disabled=move || lost_connection().is_some()
                        on:click={let id = id.clone(); move |_| open.run(format!("lift {id}"))}
                    >
                        "Lift now…"
                    </button>
                </span>
            </Show>
        </section>
    }
}
