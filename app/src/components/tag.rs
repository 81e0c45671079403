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
