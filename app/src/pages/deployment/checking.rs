//! Checks of candidates in progress: they go on without the dialog that asked for them.

use domain::compat::CheckStep;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api;
use crate::components::StateLabel;
use crate::pages::dialogs::{Dialogs, Open};
use crate::state::{Query, state};
use crate::words::{self, Tone};

/// As many are looked at: one candidate is tried at a time, and few wait.
const NEWEST: u32 = 10;

/// A line for each check in progress, and the way to its dialog.
#[component]
pub(super) fn Checking() -> impl IntoView {
    let (dialogs, state) = (Dialogs::here(), state());
    let subject: Subject = expect_context();
    let query = Query::whenever(
        move || state.touches(&subject.id()),
        move || async move { api::compat::checks(&subject.name(), NEWEST).await },
    );
    let lines = Memo::new(move |_| {
        let checks = query.value();
        let running = checks.iter().flat_map(|checks| checks.iter()).filter(|check| check.step != CheckStep::Ended);
        running.map(|check| words::compat::checking(&check.configuration, check.step)).collect::<Vec<_>>()
    });
    let line = move |line: String| {
        view! {
            <p class="checking" data-test="checking">
                <StateLabel word=line tone=Tone::Moving/>
                <button type="button" class="button quiet small" on:click=move |_| dialogs.open(Open::Update(subject.id(), None))>"Open"</button>
            </p>
        }
    };
    view! { <div role="status" class="checks-running">{move || lines.get().into_iter().map(line).collect_view()}</div> }
}
