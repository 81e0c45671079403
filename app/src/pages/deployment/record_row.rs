//! A recorded request as a row of the list.

use domain::id::ReplicaId;
use domain::wire::{RequestLine, RequestOutcome};
use leptos::prelude::*;

use crate::components::{Glyph, Icon, StateLabel};
use crate::words::{Tone, numbers, times};

/// The outcome in a word, with its colour.
pub(super) fn outcome(line: &RequestLine) -> (String, Tone) {
    let status = line.status.map(|status| status.to_string());
    let with = |word: &str| status.as_ref().map_or_else(|| word.to_owned(), |status| format!("{status} {word}"));
    match (line.outcome, line.is_error()) {
        (RequestOutcome::Answered, false) => (status.unwrap_or_default(), Tone::Good),
        (RequestOutcome::Answered, true) => (status.unwrap_or_default(), Tone::Warning),
        (RequestOutcome::Failed, _) => (with("failed"), Tone::Bad),
        (RequestOutcome::Cut, _) => (with("cut"), Tone::Bad),
        (RequestOutcome::Refused, _) => (with("refused"), Tone::Warning),
        (RequestOutcome::Left, _) => ("client left".to_owned(), Tone::Off),
    }
}

/// Enough of an id to tell replicas apart.
fn short(replica: &ReplicaId) -> String {
    let text = replica.as_str();
    text.get(text.len().saturating_sub(8)..).unwrap_or(text).to_owned()
}

/// The titles above the rows.
#[component]
pub(super) fn RecordHead() -> impl IntoView {
    let title = |class: &'static str, text: &'static str| {
        view! { <span class=class role="columnheader">{text}</span> }
    };
    view! {
        <div class="record-row record-head" role="row" aria-rowindex="1">
            {title("", "Time")}
            {title("path", "Request")}
            {title("", "Status")}
            {title("number", "Latency")}
            {title("number", "Revision")}
            {title("replica", "Replica")}
            {title("kept", "Input and output")}
        </div>
    }
}

/// The row. Its time opens it.
#[component]
pub(super) fn RecordRow(line: RequestLine, open: Callback<RequestLine>) -> impl IntoView {
    let (word, tone) = outcome(&line);
    let opened = line.clone();
    let path = if line.path.is_empty() { "/".to_owned() } else { line.path.clone() };
    let whole = path.clone();
    view! {
        <div class="record-row" data-test="record" data-error=line.is_error().to_string()>
            <span role="cell">
                <button type="button" class="link" data-row-focus="" data-test="open-record" title=times::exact(line.at) on:click=move |_| open.run(opened.clone())>
                    {times::clock(line.at)}
                </button>
            </span>
            <span role="cell" class="path cut" title=whole>{line.method.clone()}" "<code>{path}</code></span>
            <span role="cell"><StateLabel word=word tone=tone/></span>
            <span role="cell" class="number">{numbers::millis(line.ms)}</span>
            <span role="cell" class="number">{line.revision.map_or("none".to_owned(), |revision| revision.to_string())}</span>
            <span role="cell" class="replica"><code>{line.replica.as_ref().map_or("none".to_owned(), short)}</code></span>
            <span role="cell" class="kept">{line.kept.then(|| view! { <Glyph icon=Icon::Check/>"kept" })}</span>
        </div>
    }
}
