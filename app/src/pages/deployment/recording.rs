//! What of requests is not kept: what it would be, what it costs, and the update that keeps it.

use domain::action::Action;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::subject::Subject;
use crate::components::{Glyph, Icon};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open, UpdateTo};
use crate::pages::drawn::lost_connection;

/// What a request log is, and what it costs.
const LOG: &str = "The request log is a line for each request: time, path, status, latency, revision and replica, without headers, query and content. It costs about 300 bytes a request and at most 16 MB a deployment; the oldest lines go first.";
/// What keeping bodies is, and what it costs.
const BODIES: &str = "Input and output of each prediction can be kept too, the first 64 KiB of each: at most 128 MB a deployment. Every user of the deployment can read them, so leave it off where they hold what not everybody should see.";

/// What can be switched on; nothing where everything is.
#[component]
pub(super) fn Recording(log: bool, bodies: bool) -> impl IntoView {
    match (log, bodies) {
        (true, true) => ().into_any(),
        (false, false) => view! {
            <div class="panel nothing" data-test="recording-off">
                <Glyph icon=Icon::History/>
                <b>"Requests are not recorded"</b>
                <p>{LOG}</p>
                <p>{BODIES}</p>
                <p>"No replica restarts for it."</p>
                <div class="buttons">
                    <Turn fields=json!({"request_log": true}) label="Update to log requests…" name="log-requests"/>
                    <Turn fields=json!({"request_log": true, "data_collection": true}) label="Update to keep input and output too…" name="keep-predictions"/>
                </div>
            </div>
        }
        .into_any(),
        (true, false) => view! {
            <div class="quiet-box" data-test="bodies-off">
                <span class="prose">{BODIES}</span>
                <Turn fields=json!({"data_collection": true}) label="Update to keep input and output…" name="keep-predictions"/>
            </div>
        }
        .into_any(),
        (false, true) => view! {
            <div class="quiet-box" data-test="log-off">
                <span class="prose">"Only predictions are listed, with input and output. "{LOG}</span>
                <Turn fields=json!({"request_log": true}) label="Update to log requests…" name="log-requests"/>
            </div>
        }
        .into_any(),
    }
}

/// Opens the update that changes these fields.
#[component]
fn Turn(fields: Value, label: &'static str, name: &'static str) -> impl IntoView {
    let subject: Subject = expect_context();
    let dialogs = Dialogs::here();
    let blocked = Memo::new(move |_| {
        let why = subject.view.with(|view| why_not(view.as_deref()?, Action::Update));
        lost_connection().or(why)
    });
    let open = move |_| {
        if blocked.with_untracked(Option::is_none) {
            dialogs.open(Open::Update(subject.id(), Some(UpdateTo::Fields(fields.clone()))));
        }
    };
    view! {
        <button
            type="button"
            class="button"
            data-test=name
            aria-disabled=move || blocked.with(|blocked| blocked.is_some().then_some("true"))
            title=move || blocked.get()
            on:click=open
        >
            {label}
        </button>
    }
}
