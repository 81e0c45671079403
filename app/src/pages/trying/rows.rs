//! The form that a signature makes: a field for each value of a row, one row or several.

use std::collections::BTreeMap;

use domain::prediction::{FieldKind, FormField, FormInput, InputForm, TypedRows, WhenEmpty};
use domain::wire::{AskPrediction, FieldWords};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, SubmitEvent};

use super::answer::Outcome;
use super::asking::Asking;
use crate::components::{Glyph, Icon, TypedField};

/// What is wrong, by row and field.
type Faults = BTreeMap<(usize, String), String>;

/// What the fields of a row share.
#[derive(Clone, Copy)]
struct Shared {
    typed: RwSignal<TypedRows>,
    faults: RwSignal<Faults>,
    words: Signal<Vec<FieldWords>>,
}

/// The form, and the answer below it.
#[component]
pub(super) fn Rows(
    form: InputForm,
    example: Option<Value>,
    words: Signal<Vec<FieldWords>>,
    asking: Asking,
) -> impl IntoView {
    let most = usize::try_from(form.most_rows).unwrap_or(1).max(1);
    let typed = RwSignal::new(TypedRows::default());
    asking.draft().keep("rows", typed);
    // What was kept may be of another form.
    typed.update(|typed| {
        typed.0.truncate(most);
        if typed.0.is_empty() {
            *typed = TypedRows::default();
        }
    });
    let shared = Shared { typed, faults: RwSignal::new(Faults::new()), words };
    // Defaults come with the application, maybe later than the form.
    Effect::new(move |_| {
        let defaults = words.get();
        let filled = defaults.iter().filter(|words| !words.default.is_empty());
        let filled: Vec<_> = filled.map(|words| (words.name.clone(), words.default.clone())).collect();
        if !filled.is_empty() {
            typed.update(|typed| filled.iter().for_each(|(name, text)| typed.fill(name, text)));
        }
    });
    let count = Memo::new(move |_| typed.with(|typed| typed.0.len()));
    let example = example.and_then(|body| form.texts(&body));
    let classes = form.classes.clone();
    let form = StoredValue::new(form);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let made = form.with_value(|form| typed.with_untracked(|typed| form.request(typed)));
        match made {
            Ok(body) => {
                shared.faults.set(Faults::new());
                asking.send(AskPrediction { body: body.to_string(), ..AskPrediction::default() });
            }
            Err(faults) => {
                let faults = faults.into_iter().map(|fault| ((fault.row, fault.field), fault.problem));
                shared.faults.set(faults.collect());
                request_animation_frame(focus_first_fault);
            }
        }
    };
    let add = move |_| {
        typed.update(|typed| {
            let last = typed.0.last().cloned().unwrap_or_default();
            typed.0.push(last);
        });
    };
    let remove = Callback::new(move |row: usize| {
        shared.faults.set(Faults::new());
        typed.update(|typed| {
            if typed.0.len() > 1 && row < typed.0.len() {
                typed.0.remove(row);
            }
        });
    });
    let fill = move |example: TypedRows| {
        shared.faults.set(Faults::new());
        typed.set(example);
    };
    let clear = move |_| {
        shared.faults.set(Faults::new());
        typed.set(TypedRows::default());
    };
    let parameters = form.with_value(|form| form.parameters.clone());
    view! {
        <form class="card try-form" data-test="try-form" novalidate on:submit=submit>
            {move || (0..count.get()).map(|row| view! {
                <Row row=row inputs=form.with_value(|form| form.inputs.clone()) shared=shared alone=Signal::derive(move || count.get() == 1) remove=remove/>
            }).collect_view()}
            {(!parameters.is_empty()).then(|| view! {
                <fieldset class="try-row">
                    <legend>"Parameters"</legend>
                    <Fields row=0 inputs=parameters shared=shared/>
                </fieldset>
            })}
            <p class="wrong" role="status" data-test="try-faults">
                {move || shared.faults.with(|faults| match faults.len() {
                    0 => String::new(),
                    1 => "One field has a value that cannot be used.".to_owned(),
                    count => format!("{count} fields have values that cannot be used."),
                })}
            </p>
            <div class="try-buttons">
                <button type="submit" class="button primary" data-test="predict" disabled=move || asking.pending.get()>
                    {move || if asking.pending.get() { "Predicting…" } else { "Predict" }}
                </button>
                <Show when=move || count.get() < most>
                    <button type="button" class="button" data-test="add-row" on:click=add><Glyph icon=Icon::Plus/>"Add a row"</button>
                </Show>
                {example.map(|example| view! {
                    <button type="button" class="button" data-test="fill-example" on:click=move |_| fill(example.clone())>"Fill in the example"</button>
                })}
                <button type="button" class="button quiet" data-test="clear" on:click=clear>"Clear"</button>
            </div>
        </form>
        <Outcome asking=asking classes=classes/>
    }
}

#[component]
fn Row(
    row: usize,
    inputs: Vec<FormInput>,
    shared: Shared,
    alone: Signal<bool>,
    remove: Callback<usize>,
) -> impl IntoView {
    view! {
        <fieldset class="try-row" data-test="try-row">
            <legend class:visually-hidden=move || alone.get()>{format!("Row {}", row + 1)}</legend>
            <Fields row=row inputs=inputs shared=shared/>
            <Show when=move || !alone.get()>
                <button type="button" class="button quiet small" data-test="remove-row" aria-label=format!("Remove row {}", row + 1) on:click=move |_| remove.run(row)>
                    "Remove"
                </button>
            </Show>
        </fieldset>
    }
}

#[component]
fn Fields(row: usize, inputs: Vec<FormInput>, shared: Shared) -> impl IntoView {
    let Shared { typed, faults, words } = shared;
    let mut fields = Vec::new();
    for (at, input) in inputs.into_iter().enumerate() {
        for (place, field) in input.fields.iter().enumerate() {
            let name = StoredValue::new(field.name.clone());
            let of = move |read: fn(&FieldWords) -> &String| {
                let found = words.with(|words| {
                    let words = words.iter().find(|words| name.with_value(|name| words.name == *name));
                    words.map(read).cloned()
                });
                found.filter(|text| !text.is_empty())
            };
            let said = hint(&input, field);
            let value =
                Memo::new(move |_| typed.with(|typed| name.with_value(|name| typed.text(row, name).to_owned())));
            let error = Memo::new(move |_| faults.with(|faults| faults.get(&(row, name.get_value())).cloned()));
            let write = Callback::new(move |text: String| {
                let field = name.get_value();
                faults.update(|faults| drop(faults.remove(&(row, field.clone()))));
                typed.update(|typed| typed.set(row, &field, text));
            });
            let is_long = matches!(field.kind, FieldKind::List | FieldKind::Json);
            fields.push(view! {
                <TypedField
                    id=format!("try-{row}-{at}-{place}-{}", field.kind)
                    name=field.name.clone()
                    label=Signal::derive(move || of(|words| &words.label).unwrap_or_else(|| name.get_value()))
                    kind=field.kind
                    options=field.texts()
                    value=value
                    on_input=write
                    error=error
                    hint=Signal::derive(move || of(|words| &words.hint).unwrap_or_else(|| said.clone()))
                    class=if is_long { "wide" } else { "typed" }
                />
            });
        }
    }
    view! { <div class="form">{fields}</div> }
}

/// The hint of a field of which nobody says more than its type.
fn hint(input: &FormInput, field: &FormField) -> String {
    let what = match field.kind {
        FieldKind::Number => "A number.".to_owned(),
        FieldKind::Integer => "A whole number.".to_owned(),
        FieldKind::Text | FieldKind::YesNo | FieldKind::Choice => String::new(),
        FieldKind::Json => "JSON, such as [1, 2].".to_owned(),
        FieldKind::List => match input.lengths.iter().try_fold(1_u64, |count, length| count.checked_mul((*length)?)) {
            Some(count) => format!("{count} values, with commas between them, or nested lists."),
            None => "Values with commas between them, or nested lists.".to_owned(),
        },
    };
    let empty = match input.when_empty {
        WhenEmpty::Refused => "",
        WhenEmpty::LeftOut => "May be left empty.",
        WhenEmpty::Missing => "Empty for a missing value.",
    };
    format!("{what} {empty}").trim().to_owned()
}

fn focus_first_fault() {
    let found = document().query_selector(".try-form [aria-invalid=true]").ok().flatten();
    if let Some(field) = found.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
