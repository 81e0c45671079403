//! What is shown where something is missing, is on its way, or went wrong.

use leptos::prelude::*;

use super::{CopyButton, Glyph, Icon};
use crate::words::Tone;

/// A strip that says what is going on, with room for a button.
#[component]
pub(crate) fn Banner(
    /// How bad it is.
    tone: Tone,
    /// What it is, in a few words.
    #[prop(into)]
    title: String,
    /// Names it in tests.
    #[prop(default = "banner")]
    name: &'static str,
    /// The whole story and what to do.
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Good => Icon::Check,
        Tone::Bad => Icon::Stop,
        _ => Icon::Warning,
    };
    view! {
        <section class=format!("banner {}", tone.class()) data-test=name role="status">
            <Glyph icon=icon/>
            <div class="banner-text"><b>{title}</b>{children()}</div>
        </section>
    }
}

/// Says what to do where nothing is yet.
#[component]
pub(crate) fn Empty(
    /// What is missing.
    #[prop(into)]
    title: String,
    /// What to do next.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="empty" data-test="empty">
            <h2>{title}</h2>
            {children()}
        </section>
    }
}

/// A failure: what happened, why, what to do, and the code to copy.
#[component]
pub(crate) fn FailureBox(
    /// What happened.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(into)]
    detail: String,
    /// The code.
    #[prop(into)]
    code: String,
    /// Tries again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let (copied, coded) = (code.clone(), code.clone());
    view! {
        <section class="failure" data-test="failure" data-code=coded role="alert">
            <Glyph icon=Icon::Stop/>
            <div class="failure-text">
                <b>{title}</b>
                <span>{detail}</span>
                <span class="failure-code"><code>{code}</code><CopyButton text=copied describes="Copy the code"/></span>
            </div>
            {retry.map(|retry| view! {
                <button type="button" class="button" on:click=move |_| retry.run(())>"Try again"</button>
            })}
        </section>
    }
}

/// Stands in for what is being read.
#[component]
pub(crate) fn Skeleton(
    /// As many lines.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            {(0..lines).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
}
