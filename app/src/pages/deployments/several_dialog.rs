//! The question before something is done with several deployments: with how many, and why not with the others.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::choosing::{Choosing, ChosenRows};
use super::several::{Several, Sorted};
use super::several_run::SeveralRun;
use crate::components::{DialogFooter, Field, Modal, Ticks, use_close};
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::{dialog_setter, parameter};
use crate::pages::submission::written;
use crate::state::state;
use crate::words::count;

/// Draws the dialog that the address asks for, if it is one of these.
#[component]
pub(super) fn SeveralDialogs() -> impl IntoView {
    let dialog = parameter("dialog");
    let asked = Memo::new(move |_| {
        dialog.with(|dialog| {
            let word = dialog.strip_prefix("several ")?;
            Several::ALL.into_iter().find(|what| what.word() == word)
        })
    });
    move || asked.get().map(|what| view! { <SeveralDialog what=what/> })
}

#[component]
fn SeveralDialog(what: Several) -> impl IntoView {
    let state = state();
    let choosing = Choosing::here();
    let close = dialog_setter();
    let sorted = Memo::new(move |_| {
        let ids = choosing.now();
        what.sorted(ids.iter().filter_map(|id| state.deployment(id)).collect())
    });
    let title = Signal::derive(move || format!("{}?", what.of(sorted.with(|sorted| sorted.can.len()))));
    view! {
        <Modal title=title name="several" on_close=move || close.run(String::new())>
            <Question what=what sorted=sorted/>
        </Modal>
    }
}

#[component]
fn Question(what: Several, sorted: Memo<Sorted>) -> impl IntoView {
    let state = state();
    let (close, run, choosing) = (use_close(), SeveralRun::here(), Choosing::here());
    let note = RwSignal::new(String::new());
    let use_cases = RwSignal::new(BTreeSet::new());
    let can = Memo::new(move |_| {
        sorted.with(|sorted| sorted.can.iter().map(|view| view.name.to_string()).collect::<Vec<_>>())
    });
    let cannot = Memo::new(move |_| sorted.with(|sorted| sorted.cannot.clone()));
    let blocked = Signal::derive(move || {
        if let Some(lost) = lost_connection() {
            return Some(lost);
        }
        if run.goes_on() {
            return Some("Something is being done with several deployments already.".to_owned());
        }
        if can.with(Vec::is_empty) {
            let why = if cannot.with(Vec::is_empty) {
                "No rows are chosen any more. Close this, and choose some."
            } else {
                "It can be done with none of them now."
            };
            return Some(why.to_owned());
        }
        (what == Several::Link && use_cases.with(BTreeSet::is_empty)).then(|| "Choose a use case.".to_owned())
    });
    let confirm = move || {
        let views = sorted.with_untracked(|sorted| sorted.can.clone());
        run.start(what, views, written(note), use_cases.get_untracked());
        choosing.chosen.update(ChosenRows::clear);
        close.run();
    };
    view! {
        <div class="content">
            <p>{what.effect()}</p>
            <p class="several-names" data-test="several-can">{move || can.get().join(", ")}</p>
            <Show when=move || !cannot.with(Vec::is_empty)>
                <div class="quiet-list" data-test="several-cannot">
                    <h3 class="section-title">{move || format!("Not with {}", count(cannot.with(Vec::len), "other", "others"))}</h3>
                    <ul>
                        {move || cannot.get().into_iter().map(|(name, why)| view! {
                            <li><b><bdi>{name}</bdi></b>": "<span class="sub">{why}</span></li>
                        }).collect_view()}
                    </ul>
                </div>
            </Show>
            <Show when=move || what == Several::Link>
                {move || if state.use_case_names().is_empty() {
                    view! { <p class="sub">"There is no use case that you see. Make one on the page of use cases."</p> }.into_any()
                } else {
                    view! { <Ticks label="Use cases" all=Signal::derive(move || state.use_case_names()) chosen=use_cases/> }.into_any()
                }}
            </Show>
            <Show when=move || !matches!(what, Several::Link | Several::Dismiss)>
                <Field label="Note" name="several-note" value=note placeholder="For the history: why?"/>
                <p class="sub">"They are done one after the other. Where a policy, a freeze or a warning keeps one from it, it is left as it is, and you are told why."</p>
            </Show>
        </div>
        <DialogFooter
            label=Signal::derive(move || what.of(can.with(Vec::len)))
            danger=Signal::derive(move || what == Several::Deactivate)
            leave="Keep them as they are"
            blocked=blocked
            pending=Signal::derive(|| false)
            confirm=confirm
        />
    }
}
