//! The answer: as a table, in full, who gave it, and how long it took.

use domain::prediction::{AnswerTable, refusal, table};
use domain::wire::PredictionView;
use leptos::prelude::*;
use serde_json::Value;

use super::asking::{Answered, Asking};
use crate::components::{CopyButton, Glyph, Icon};
use crate::pages::query_answer::Refused;
use crate::words::{count, numbers};

/// The most columns that a table has beside each other; the answer of one row is written below each other.
const MOST_BESIDE: usize = 12;

/// What came of the last request.
#[component]
pub(super) fn Outcome(
    asking: Asking,
    /// The classes that an answer tells apart.
    classes: Vec<String>,
) -> impl IntoView {
    view! {
        <div class="try-outcome" role="status" data-test="try-outcome">
            <Refused failure=asking.failure/>
            {move || asking.answer.get().map(|answered| view! { <Answer answered=answered classes=classes.clone()/> })}
        </div>
    }
}

#[component]
fn Answer(answered: Answered, classes: Vec<String>) -> impl IntoView {
    let Answered { request, view } = answered;
    let is_good = (200..300).contains(&view.status);
    let read = table(&view.body, &classes).filter(|_| is_good && !view.is_cut);
    let problem = (!is_good).then(|| refusal(view.status, &view.body, view.replica.is_some()));
    let unread = (is_good && read.is_none()).then(|| match view.is_cut {
        true => "The answer is larger than 1 MB: below stands its beginning.",
        false => "The answer is not written in a way that can be shown as a table. It stands below as it came.",
    });
    let opened = unread.is_some();
    let by = by_whom(&view);
    view! {
        <section class="card" data-test="answer" data-status=view.status.to_string()>
            <div class="card-head">
                <h2>"Answer"</h2>
                <span class="grow"></span>
                <span class="sub" data-test="answered-by">{by}</span>
            </div>
            {problem.map(|sentence| view! {
                <section class="failure" data-test="answer-problem" role="alert">
                    <Glyph icon=Icon::Stop/>
                    <div class="failure-text"><b>{sentence}</b></div>
                </section>
            })}
            {unread.map(|sentence| view! { <p class="sub">{sentence}</p> })}
            {read.map(|read| view! { <Table read=read/> })}
            <Raw title="Request" name="raw-request" text=pretty(&request)/>
            <Raw title="Answer as it came" name="raw-answer" text=pretty(&view.body) open=opened/>
        </section>
    }
}

/// The time that it took, and the revision and replica that answered.
fn by_whom(view: &PredictionView) -> String {
    let took = numbers::millis(view.milliseconds as f64);
    match (&view.revision, &view.replica) {
        (Some(revision), Some(replica)) => format!("{took} · revision {revision} · replica {replica}"),
        (Some(revision), None) => format!("{took} · revision {revision}"),
        _ => format!("{took} · no replica"),
    }
}

#[component]
fn Table(read: AnswerTable) -> impl IntoView {
    let AnswerTable { columns, rows, more_rows } = read;
    let title = |column: &domain::prediction::AnswerColumn| match &column.part {
        Some(part) => format!("{}: {part}", column.output),
        None => column.output.clone(),
    };
    let titles: Vec<String> = columns.iter().map(title).collect();
    let more = (more_rows > 0).then(|| {
        let rest = count(more_rows, "more row", "more rows");
        view! { <p class="sub">{format!("And {rest}: see the answer as it came.")}</p> }
    });
    let is_wide = titles.len() > MOST_BESIDE;
    let shown = if rows.len() == 1 || is_wide {
        // One below the other, which is read on a phone too.
        let several = rows.len() > 1;
        let blocks = rows.into_iter().enumerate().map(|(row, cells)| {
            let lines = titles.iter().cloned().zip(cells).map(|(title, cell)| {
                view! {
                    <tr class:greatest=cell.is_greatest><th scope="row">{title}</th><td>{cell.text}</td></tr>
                }
            });
            view! {
                {several.then(|| view! { <tr><th scope="rowgroup" colspan="2">{format!("Row {}", row + 1)}</th></tr> })}
                {lines.collect_view()}
            }
        });
        view! { <table class="facts answer" data-test="answer-table"><tbody>{blocks.collect_view()}</tbody></table> }
            .into_any()
    } else {
        let head = titles.iter().map(|title| view! { <th scope="col">{title.clone()}</th> }).collect_view();
        let lines = rows.into_iter().enumerate().map(|(row, cells)| {
            let cells = cells.into_iter().map(|cell| view! { <td class:greatest=cell.is_greatest>{cell.text}</td> });
            view! { <tr><th scope="row">{row + 1}</th>{cells.collect_view()}</tr> }
        });
        view! {
            <div class="answer-rows" tabindex="0" role="region" aria-label="Answer, row by row">
                <table class="facts answer" data-test="answer-table">
                    <thead><tr><th scope="col">"Row"</th>{head}</tr></thead>
                    <tbody>{lines.collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! { {shown}{more} }
}

/// A text in full, folded away.
#[component]
fn Raw(
    title: &'static str,
    /// Names it in tests.
    name: &'static str,
    text: String,
    /// It is not folded.
    #[prop(optional)]
    open: bool,
) -> impl IntoView {
    view! {
        <details class="client" data-test=name open=open>
            <summary>{title}</summary>
            <div class="script">
                <pre tabindex="0"><code>{text.clone()}</code></pre>
                <CopyButton text=text describes=format!("Copy: {}", title.to_lowercase())/>
            </div>
        </details>
    }
}

/// JSON in lines; anything else as it is.
fn pretty(text: &str) -> String {
    let read = serde_json::from_str::<Value>(text).ok();
    read.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
