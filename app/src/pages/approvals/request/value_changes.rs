//! Values before and after a change, as a table.

use domain::exact_plan::ValueChange;
use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::Value;

use crate::components::ImportanceMark;
use crate::words::{own_zone, requests as words};

/// One row for each value, under its name.
#[component]
pub(super) fn ValueChanges(changes: Vec<(String, ValueChange)>) -> impl IntoView {
    let rows = changes.into_iter().map(|(name, change)| {
        view! {
            <tr data-test="value-change">
                <th scope="row">{name}</th>
                <td class="was"><span class="visually-hidden">"was "</span><del>{written(&change.old)}</del></td>
                <td class="becomes"><span class="visually-hidden">"becomes "</span>{written(&change.new)}</td>
            </tr>
        }
    });
    view! { <table class="differences"><tbody>{rows.collect_view()}</tbody></table> }
}

fn written(value: &Value) -> AnyView {
    let text = match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => match (text.parse(), text.parse::<Timestamp>()) {
            (Ok(importance), _) => return view! { <ImportanceMark importance=importance/> }.into_any(),
            (_, Ok(at)) => own_zone::moment_and_place(at),
            _ if text.len() == 64 => words::short_hash(text),
            _ => text.replace('_', " "),
        },
        other => other.to_string(),
    };
    text.into_any()
}
