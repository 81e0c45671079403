//! The differences between two configurations, field by field, each with its cost.

use domain::diff::Difference;
use leptos::prelude::*;
use serde_json::Value;

use super::Tag;
use crate::words;

/// One row for each field that differs.
#[component]
pub(crate) fn DifferenceTable(differences: Vec<Difference>) -> impl IntoView {
    let mut differences = differences;
    // What costs most comes first.
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.impact));
    let rows = differences
        .into_iter()
        .map(|difference| {
            let field = difference.field.clone();
            let (impact, tone) = words::impact(difference.impact);
            view! {
                <tr data-test="difference" data-field=field>
                    <th scope="row">{difference.field}</th>
                    <td class="was"><span class="visually-hidden">"was "</span><del>{written(&difference.current)}</del></td>
                    <td class="becomes"><span class="visually-hidden">"becomes "</span>{written(&difference.candidate)}</td>
                    <td class="costs"><Tag tone=tone word=impact/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="differences">
            <thead class="visually-hidden">
                <tr><th scope="col">"Field"</th><th scope="col">"Now"</th><th scope="col">"Then"</th><th scope="col">"Cost"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// A value as people write it.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() => items.iter().map(written).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
