//! A recorded request that is opened: what is known of it, with input and output where they are kept.

use std::sync::Arc;

use domain::id::RecordId;
use domain::wire::{CollectedBody, Content, PredictionLine, RequestLine};
use leptos::prelude::*;

use super::record_row::outcome;
use super::subject::Subject;
use crate::api;
use crate::components::{CopyButton, Modal, ValueRows, ValueTable, use_close};
use crate::pages::query_answer::QueryAnswer;
use crate::state::Query;
use crate::words::{numbers, times};

/// The dialog.
#[component]
pub(super) fn RecordOpened(line: RequestLine, on_close: impl Fn() + 'static) -> impl IntoView {
    let title = format!("Request of {}", times::exact(line.at));
    view! {
        <Modal title=title class="middle" name="record" on_close=on_close>
            <div class="content stack">
                <RecordFacts line=line.clone()/>
                {match (line.kept, line.id) {
                    (true, Some(id)) => view! { <Prediction id=id/> }.into_any(),
                    _ => view! {
                        <p class="sub" data-test="not-kept">"Its input and output are not kept. They are kept of each POST that a replica answers with a status of 200 to 299, while the deployment keeps input and output."</p>
                    }
                    .into_any(),
                }}
            </div>
            <Done/>
        </Modal>
    }
}

#[component]
fn Done() -> impl IntoView {
    let close = use_close();
    view! { <footer><button type="button" class="button primary" data-test="close-record" on:click=move |_| close.run()>"Done"</button></footer> }
}

#[component]
fn RecordFacts(line: RequestLine) -> impl IntoView {
    let (word, _) = outcome(&line);
    let mut facts = vec![
        ("request", format!("{} {}", line.method, if line.path.is_empty() { "/" } else { &line.path })),
        ("outcome", word),
        ("latency", numbers::millis(line.ms)),
        ("size", format!("{} in, {} out", numbers::bytes(line.bytes_in), numbers::bytes(line.bytes_out))),
    ];
    facts.extend(line.revision.map(|revision| ("revision", revision.to_string())));
    facts.extend(line.replica.map(|replica| ("replica", replica.to_string())));
    facts.extend(line.code.map(|code| ("the gateway's reason", code)));
    if line.lost > 0 {
        facts.push(("not kept", format!("{} before it, for want of room", numbers::whole(line.lost))));
    }
    let facts = facts.into_iter().map(|(name, value)| view! { <tr><th scope="row">{name}</th><td>{value}</td></tr> });
    view! { <table class="facts" data-test="record-facts"><tbody>{facts.collect_view()}</tbody></table> }
}

#[component]
fn Prediction(id: RecordId) -> impl IntoView {
    let subject: Subject = expect_context();
    let query = Query::once(move || {
        let id = id.clone();
        async move { api::records::open(&subject.name(), &id).await }
    });
    let draw = move |found: Arc<PredictionLine>| {
        view! {
            <Body title="Input" name="record-input" body=found.input.clone()/>
            <Body title="Output" name="record-output" body=found.output.clone()/>
        }
        .into_any()
    };
    view! { <QueryAnswer query=query lines=6 draw=draw/> }
}

/// A body: as a table where it is one, and as it was sent.
#[component]
fn Body(title: &'static str, name: &'static str, body: CollectedBody) -> impl IntoView {
    let (text, rows) = match &body.content {
        Content::Json(value) => (serde_json::to_string_pretty(value).unwrap_or_default(), ValueRows::of(value)),
        Content::Text(text) | Content::Base64(text) => (text.clone(), None),
    };
    let as_sent = match &body.content {
        Content::Json(_) => "JSON",
        Content::Text(_) => "Text",
        Content::Base64(_) => "Base64",
    };
    let has_table = rows.is_some();
    let table = RwSignal::new(has_table);
    let (rows, text) = (StoredValue::new(rows), StoredValue::new(text));
    let choice = move |is_table: bool, label: &'static str, test: &'static str| {
        view! {
            <button type="button" aria-pressed=move || (table.get() == is_table).to_string() data-test=test on:click=move |_| table.set(is_table)>{label}</button>
        }
    };
    view! {
        <section class="stack" data-test=name>
            <div class="card-head">
                <h3 class="section-title">{title}</h3>
                <span class="sub">{body.media_type.clone().map(|kind| format!("{kind} · "))}{numbers::bytes(body.bytes)}</span>
                <span class="grow"></span>
                {has_table.then(|| view! {
                    <div class="segments" role="group" aria-label=format!("{title} as")>{choice(true, "Table", "as-table")}{choice(false, as_sent, "as-json")}</div>
                })}
                <CopyButton text=text.get_value() describes=format!("Copy the {}", title.to_lowercase())/>
            </div>
            {(!body.complete).then(|| view! { <p class="sub">"It is longer: only its first 64 KiB are kept."</p> })}
            {move || match rows.get_value().filter(|_| table.get()) {
                Some(rows) => view! { <ValueTable label=title rows=rows/> }.into_any(),
                None => view! { <div class="json"><pre tabindex="0" aria-label=title><code>{text.get_value()}</code></pre></div> }.into_any(),
            }}
        </section>
    }
}
