//! A time in words, with the exact one on hover.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::words::times;

/// The age of something in words. It follows the clock.
#[component]
pub(crate) fn Ago(#[prop(into)] at: Signal<Timestamp>, #[prop(into)] now: Signal<Timestamp>) -> impl IntoView {
    let text = Memo::new(move |_| times::ago(at.get(), now.get()));
    view! {
        <time datetime=move || at.get().to_string() title=move || times::exact(at.get())>
            {text}
        </time>
    }
}
