//! A small word in a frame.

use leptos::prelude::*;

use crate::words::Tone;

/// A word that marks something.
#[component]
pub(crate) fn Tag(
    tone: Tone,
    #[prop(into)] word: String,
    /// More about it, on hover.
    #[prop(optional, into)]
    title: Option<String>,
) -> impl IntoView {
    view! { <span class=format!("tag {}", tone.class()) title=title>{word}</span> }
}

/// Marks a fact about a model that no file states.
#[component]
pub(crate) fn DeclaredTag() -> impl IntoView {
    view! { <Tag tone=Tone::Plain word="declared" title="A person declared this: no file of the model states it."/> }
}
