//! The signature of a model: its inputs, outputs, parameters and classes.

use domain::compat::shape_words;
use domain::model::{Field, Part, Signature, ValueKind};
use leptos::prelude::*;

use super::DeclaredTag;
use crate::words::count;

/// Classes, or columns of a tensor, that are written out before somebody asks for all.
const MOST_WORDS: usize = 16;
/// Inputs or outputs that are shown before somebody asks for all.
const MOST_ROWS: usize = 40;

/// Inputs, outputs, parameters and classes.
#[component]
pub(crate) fn SignatureTable(signature: Signature) -> impl IntoView {
    let declared = |part: Part| {
        let mark = || view! { <DeclaredTag/> };
        signature.declared.contains(&part).then(mark)
    };
    let nothing = signature.absent && signature.inputs.is_empty() && signature.outputs.is_empty();
    let words = |words: Option<&Vec<String>>| words.cloned().unwrap_or_default();
    let (columns, classes) = (words(signature.features.as_ref()), words(signature.classes.as_ref()));
    let parameters = signature.parameters.iter().map(|parameter| {
        view! {
            <tr>
                <td class="sub">"parameter"</td>
                <th scope="row"><code>{parameter.name.clone()}</code></th>
                <td><code>{parameter.datatype.clone()}</code></td>
                <td><code>"default "{parameter.default.to_string()}</code></td>
            </tr>
        }
    });
    view! {
        <div class="signature" data-test="signature">
            {nothing.then(|| view! { <p class="sub">"The package does not state its inputs and outputs."</p> })}
            <table class="facts">
                <thead class="visually-hidden">
                    <tr><th scope="col">"Direction"</th><th scope="col">"Name"</th><th scope="col">"Type"</th><th scope="col">"Shape"</th></tr>
                </thead>
                <Rows direction="input" fields=signature.inputs.clone()/>
                <Rows direction="output" fields=signature.outputs.clone()/>
                <tbody>{parameters.collect_view()}</tbody>
            </table>
            {(!columns.is_empty()).then(|| view! { <Words title=count(columns.len(), "column", "columns") words=columns/> })}
            {(!classes.is_empty()).then(|| view! { <Words title=count(classes.len(), "class", "classes") words=classes/> })}
            {declared(Part::Classes).map(|mark| view! { <p class="sub">"classes "{mark}</p> })}
            {declared(Part::Inputs).map(|mark| view! { <p class="sub">"inputs and outputs "{mark}</p> })}
        </div>
    }
}

#[component]
fn Rows(direction: &'static str, fields: Vec<Field>) -> impl IntoView {
    let all = RwSignal::new(fields.len() <= MOST_ROWS + 2);
    let total = fields.len();
    let fields = StoredValue::new(fields);
    let draw = move |field: Field| {
        let shape = shape(&field);
        view! {
            <tr>
                <td class="sub">{direction}</td>
                <th scope="row"><code>{if field.name.is_empty() { "(no name)".to_owned() } else { field.name }}</code></th>
                <td><code>{field.datatype.to_lowercase()}</code>{(!field.required).then_some(" optional")}</td>
                <td><code>{shape}</code></td>
            </tr>
        }
    };
    view! {
        <tbody>
            {move || {
                let most = if all.get() { total } else { MOST_ROWS };
                fields.with_value(|fields| fields.iter().take(most).cloned().map(draw).collect_view())
            }}
            {move || (!all.get()).then(|| view! {
                <tr><td></td><td colspan="3"><button type="button" class="button quiet small" on:click=move |_| all.set(true)>{format!("and {} more", total - MOST_ROWS)}</button></td></tr>
            })}
        </tbody>
    }
}

/// Words in a line, in their order.
#[component]
fn Words(#[prop(into)] title: String, words: Vec<String>) -> impl IntoView {
    let total = words.len();
    let all = RwSignal::new(total <= MOST_WORDS + 2);
    let words = StoredValue::new(words);
    let shown = move || {
        let most = if all.get() { total } else { MOST_WORDS };
        words.with_value(|words| words.iter().take(most).cloned().collect::<Vec<_>>().join(", "))
    };
    view! {
        <p class="sub words">
            {title}": "{shown}
            {move || (!all.get()).then(|| view! { " "<button type="button" class="button quiet small" on:click=move |_| all.set(true)>{format!("and {} more", total - MOST_WORDS)}</button> })}
        </p>
    }
}

fn shape(field: &Field) -> String {
    match &field.shape {
        Some(shape) => shape_words(shape),
        None if field.kind == ValueKind::Tensor => "any shape".to_owned(),
        None => String::new(),
    }
}
