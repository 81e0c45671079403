//! A plain request where no signature says what one holds: path, method and body.

use domain::wire::{AskPrediction, PredictMethod};
use leptos::prelude::*;
use serde_json::Value;
use web_sys::SubmitEvent;

use super::answer::Outcome;
use super::asking::Asking;
use crate::components::{Area, Choice, Field};

/// The fields, and the answer below them.
#[component]
pub(super) fn PlainBody(path: String, example: Option<Value>, asking: Asking) -> impl IntoView {
    let example = example.map(|body| serde_json::to_string_pretty(&body).unwrap_or_default()).unwrap_or_default();
    let (path, method) = (RwSignal::new(path), RwSignal::new(PredictMethod::default().to_string()));
    let body = RwSignal::new(example);
    let draft = asking.draft();
    draft.keep("path", path);
    draft.keep("method", method);
    draft.keep("body", body);
    let tried = RwSignal::new(false);
    let has_body = Memo::new(move |_| method.with(|method| *method != PredictMethod::Get.as_str()));
    let wrong_path = Signal::derive(move || {
        let is_path = path.with(|path| path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic() && c != '#'));
        (tried.get() && !is_path).then(|| "Write a path that begins with /, without spaces.".to_owned())
    });
    let wrong_body = Signal::derive(move || {
        let read = body.with(|body| serde_json::from_str::<serde::de::IgnoredAny>(body));
        let problem = read.err().filter(|_| tried.get() && has_body.get());
        problem.map(|error| format!("This is no JSON: {error}."))
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if untrack(|| wrong_path.get().is_some() || wrong_body.get().is_some()) {
            return;
        }
        let method: PredictMethod = method.get_untracked().parse().unwrap_or_default();
        let body = if method == PredictMethod::Get { String::new() } else { body.get_untracked() };
        asking.send(AskPrediction { path: Some(path.get_untracked()), method, body });
    };
    let methods = PredictMethod::ALL.map(|method| (method.to_string(), method.to_string())).to_vec();
    view! {
        <form class="card try-form" data-test="try-form" novalidate on:submit=submit>
            <p class="sub" data-test="try-plain">
                "Nothing says which fields this model takes, so there is no form. Write the request as its program expects it."
            </p>
            <div class="form">
                <Choice label="Method" name="try-method" options=Signal::stored(methods) value=method on_choose=move |chosen| method.set(chosen)/>
                <Field label="Path" name="try-path" value=path error=wrong_path class="wide" hint="Below the inference URL."/>
            </div>
            <Show when=move || has_body.get()>
                <Area label="Body" name="try-body" value=body error=wrong_body rows=10 hint="JSON."/>
            </Show>
            <div class="try-buttons">
                <button type="submit" class="button primary" data-test="predict" disabled=move || asking.pending.get()>
                    {move || if asking.pending.get() { "Sending…" } else { "Send the request" }}
                </button>
            </div>
        </form>
        <Outcome asking=asking classes=Vec::new()/>
    }
}
