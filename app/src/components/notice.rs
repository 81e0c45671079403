//! Banners, failures, empty states, and the skeleton of what is still being read.

use leptos::prelude::*;

use super::{CopyButton, Glyph, Icon};
use crate::words::Tone;

/// A strip that says what is going on, with room for a button.
#[component]
pub(crate) fn Banner(
    /// Its urgency.
    tone: Tone,
    /// The news in a few words.
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

/// An empty state: it says what is missing and what to do next.
#[component]
pub(crate) fn Empty(
    /// The missing thing.
    #[prop(into)]
    title: String,
    /// The next thing to do.
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
    /// The failure in a few words.
    #[prop(into)]
    title: String,
    /// The reason, and what to do.
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

/// Grey lines in place of something that is being read.
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
