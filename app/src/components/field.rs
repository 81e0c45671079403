//! Labelled inputs with a hint or an error below.

use leptos::prelude::*;

/// A line of text with its label.
#[component]
pub(crate) fn Field(
    /// Its label.
    label: &'static str,
    /// Names it in tests and for the browser.
    name: &'static str,
    /// Its text.
    value: RwSignal<String>,
    /// The reason why its text cannot be used.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// The hint below it while there is no error.
    #[prop(optional)]
    hint: &'static str,
    /// The hint in it while it is empty.
    #[prop(optional)]
    placeholder: &'static str,
    /// The keyboard that phones show.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// A class for its width.
    #[prop(default = "")]
    class: &'static str,
    /// The kind of text, as browsers call it.
    #[prop(default = "text")]
    kind: &'static str,
    /// The text that browsers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
) -> impl IntoView {
    let id = format!("field-{name}");
    let below = format!("{id}-below");
    let (labels, described) = (id.clone(), below.clone());
    view! {
        <div class=format!("field {class}")>
            <label for=labels>{label}</label>
            <input
                id=id
                name=name
                type=kind
                data-test=name
                inputmode=inputmode
                placeholder=placeholder
                autocomplete=autocomplete
                spellcheck="false"
                aria-describedby=described
                aria-invalid=move || error.get().is_some().to_string()
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            />
            <span id=below class="below" class:wrong=move || error.get().is_some()>
                {move || error.get().unwrap_or_else(|| hint.to_owned())}
            </span>
        </div>
    }
}

/// Several lines of text with their label.
#[component]
pub(crate) fn Area(
    /// Its label.
    label: &'static str,
    /// Names it in tests and for the browser.
    name: &'static str,
    /// Its text.
    value: RwSignal<String>,
    /// The reason why its text cannot be used.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// The hint below it while there is no error.
    #[prop(optional)]
    hint: &'static str,
    /// Lines that are seen at once.
    #[prop(default = 6)]
    rows: u32,
) -> impl IntoView {
    let id = format!("field-{name}");
    let below = format!("{id}-below");
    let (labels, described) = (id.clone(), below.clone());
    view! {
        <div class="field">
            <label for=labels>{label}</label>
            <textarea
                id=id
                name=name
                rows=rows.to_string()
                spellcheck="false"
                data-test=name
                aria-describedby=described
                aria-invalid=move || error.get().is_some().to_string()
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
            <span id=below class="below" class:wrong=move || error.get().is_some()>
                {move || error.get().unwrap_or_else(|| hint.to_owned())}
            </span>
        </div>
    }
}

/// Yes or no.
#[component]
pub(crate) fn Check(
    /// The statement that is confirmed.
    #[prop(into)]
    label: String,
    /// Names it in tests and for the browser.
    name: &'static str,
    /// True when it is confirmed.
    value: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                data-test=name
                prop:checked=move || value.get()
                on:change:target=move |event| value.set(event.target().checked())
            />
            {label}
        </label>
    }
}

/// One of several, with its label.
#[component]
pub(crate) fn Choice(
    /// Its label.
    label: &'static str,
    /// Names it in tests and for the browser.
    name: &'static str,
    /// Values with what is shown for them.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Told which one was chosen.
    on_choose: impl Fn(String) + 'static,
    /// The label is only read aloud.
    #[prop(optional)]
    bare: bool,
    /// Tells it from others of the same name on the page.
    #[prop(optional, into)]
    of: String,
) -> impl IntoView {
    let id = if of.is_empty() { format!("field-{name}") } else { format!("field-{name}-{of}") };
    view! {
        <div class="field">
            <label for=id.clone() class:visually-hidden=bare>{label}</label>
            <select id=id name=name data-test=name on:change:target=move |event| on_choose(event.target().value())>
                {move || {
                    let chosen = value.get();
                    options
                        .get()
                        .into_iter()
                        .map(|(value, text)| {
                            let selected = value == chosen;
                            view! { <option value=value selected=selected prop:selected=selected>{text}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </div>
    }
}
