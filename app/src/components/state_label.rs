//! A state in a word, a colour and a shape.

use leptos::prelude::*;

use crate::words::Tone;

/// Says how something is.
#[component]
pub(crate) fn StateLabel(
    #[prop(into)] word: Signal<String>,
    #[prop(into)] tone: Signal<Tone>,
    /// Names it in tests.
    #[prop(default = "state")]
    name: &'static str,
) -> impl IntoView {
    view! { <span class=move || format!("state {}", tone.get().class()) data-test=name>{word}</span> }
}
