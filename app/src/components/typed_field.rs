//! A labelled input of a form that is only known while the program runs: its label, and the kind of text that it takes.

use domain::prediction::FieldKind;
use leptos::prelude::*;

/// One field.
#[component]
pub(crate) fn TypedField(
    /// Unique on the page.
    id: String,
    /// Names it in tests.
    #[prop(into)]
    name: String,
    /// Its label.
    #[prop(into)]
    label: Signal<String>,
    /// The kind of text that it takes.
    kind: FieldKind,
    /// Texts that can be chosen.
    #[prop(optional)]
    options: Vec<String>,
    /// Its text.
    #[prop(into)]
    value: Signal<String>,
    /// Told of each text.
    on_input: Callback<String>,
    /// The reason why its text cannot be used.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// The hint below it while there is no error.
    #[prop(into, optional)]
    hint: Signal<String>,
    /// A class for its width.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let below = format!("{id}-below");
    let (labels, described) = (id.clone(), below.clone());
    let is_wrong = move || error.with(Option::is_some);
    let invalid = move || is_wrong().to_string();
    let control = match kind {
        FieldKind::YesNo | FieldKind::Choice => {
            let known = if kind == FieldKind::YesNo { vec!["yes".to_owned(), "no".to_owned()] } else { options };
            let choices = std::iter::once((String::new(), "Choose…".to_owned()));
            let choices = choices.chain(known.into_iter().map(|text| (text.clone(), text)));
            let choices = choices.map(|(one, text)| {
                let mine = one.clone();
                let is_chosen = move || value.with(|value| *value == mine);
                view! { <option value=one prop:selected=is_chosen>{text}</option> }
            });
            view! {
                <select id=id data-test="try-field" data-name=name aria-describedby=described aria-invalid=invalid
                    on:change:target=move |event| on_input.run(event.target().value())>{choices.collect_view()}</select>
            }
            .into_any()
        }
        FieldKind::List | FieldKind::Json => view! {
            <textarea id=id rows="4" spellcheck="false" data-test="try-field" data-name=name aria-describedby=described
                aria-invalid=invalid prop:value=value
                on:input:target=move |event| on_input.run(event.target().value())></textarea>
        }
        .into_any(),
        FieldKind::Number | FieldKind::Integer | FieldKind::Text => {
            let keys = match kind {
                FieldKind::Number => "decimal",
                FieldKind::Integer => "numeric",
                _ => "text",
            };
            view! {
                <input id=id type="text" inputmode=keys autocomplete="off" spellcheck="false" data-test="try-field"
                    data-name=name aria-describedby=described aria-invalid=invalid prop:value=value
                    on:input:target=move |event| on_input.run(event.target().value())/>
            }
            .into_any()
        }
    };
    view! {
        <div class=format!("field {class}")>
            <label for=labels>{label}</label>
            {control}
            <span id=below class="below" class:wrong=is_wrong>{move || error.get().unwrap_or_else(|| hint.get())}</span>
        </div>
    }
}
