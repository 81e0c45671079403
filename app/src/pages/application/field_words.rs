//! Labels, hints and defaults of the fields of a form.

use domain::prediction::{FieldKind, FormField, InputForm};
use domain::wire::FieldWords;
use leptos::prelude::*;

use crate::components::TypedField;

/// A group of three fields for each field of the form, folded away until somebody wants them.
#[component]
pub(super) fn FieldWordsForm(form: InputForm, fields: RwSignal<Vec<FieldWords>>) -> impl IntoView {
    let all = form.inputs.iter().chain(&form.parameters).flat_map(|input| input.fields.clone());
    let groups = all.enumerate().map(|(at, field)| view! { <Words at=at field=field fields=fields/> }).collect_view();
    let open = fields.with_untracked(|fields| !fields.is_empty());
    view! {
        <details class="client" data-test="field-words" open=open>
            <summary>"Labels, hints and defaults"</summary>
            {groups}
        </details>
    }
}

#[component]
fn Words(at: usize, field: FormField, fields: RwSignal<Vec<FieldWords>>) -> impl IntoView {
    let name = StoredValue::new(field.name.clone());
    let read = move |of: fn(&FieldWords) -> &String| {
        Memo::new(move |_| {
            fields.with(|fields| {
                let words = fields.iter().find(|words| name.with_value(|name| words.name == *name));
                words.map(of).cloned().unwrap_or_default()
            })
        })
    };
    let write = move |to: fn(&mut FieldWords) -> &mut String| {
        Callback::new(move |text: String| {
            fields.update(|fields| {
                let place = fields.iter().position(|words| name.with_value(|name| words.name == *name));
                let place = place.unwrap_or_else(|| {
                    fields.push(FieldWords { name: name.get_value(), ..FieldWords::default() });
                    fields.len() - 1
                });
                if let Some(words) = fields.get_mut(place) {
                    *to(words) = text;
                }
            });
        })
    };
    let (called, shown) = (field.name.clone(), field.name.clone());
    let texts = field.texts();
    view! {
        <fieldset class="try-row" data-test="field-words-of" data-name=called>
            <legend>{shown}</legend>
            <div class="form">
                <TypedField id=format!("label-{at}") name="label" label="Label".to_owned() kind=FieldKind::Text class="typed"
                    value=read(|words| &words.label) on_input=write(|words| &mut words.label)/>
                <TypedField id=format!("hint-{at}") name="hint" label="Hint".to_owned() kind=FieldKind::Text class="wide"
                    value=read(|words| &words.hint) on_input=write(|words| &mut words.hint)/>
                <TypedField id=format!("default-{at}") name="default" label="Default".to_owned() kind=field.kind options=texts class="typed"
                    value=read(|words| &words.default) on_input=write(|words| &mut words.default)/>
            </div>
        </fieldset>
    }
}
