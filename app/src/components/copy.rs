//! A button that puts a text on the clipboard.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::js_sys::Reflect;

use super::{Glyph, Icon};

/// Milliseconds for which the outcome is shown.
const COPIED_MS: u32 = 1_800;

/// Copies `text`, and says so.
#[component]
pub(crate) fn CopyButton(
    /// The text to copy.
    #[prop(into)]
    text: Signal<String>,
    /// The text of the button.
    #[prop(default = "Copy")]
    label: &'static str,
    /// The text for screen readers, where the label alone is not enough.
    #[prop(optional, into)]
    describes: String,
) -> impl IntoView {
    let outcome = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            outcome.try_set(Some(put(&text).await));
            TimeoutFuture::new(COPIED_MS).await;
            outcome.try_set(None);
        });
    };
    let aria = (!describes.is_empty()).then_some(describes);
    view! {
        <button type="button" class="button quiet small" on:click=copy aria-label=aria>
            {move || match outcome.get() {
                Some(true) => view! { <Glyph icon=Icon::Check/> }.into_any(),
                _ => view! { <Glyph icon=Icon::Copy/> }.into_any(),
            }}
            <span aria-live="polite">
                {move || match outcome.get() {
                    None => label,
                    Some(true) => "Copied",
                    Some(false) => "Copy failed",
                }}
            </span>
        </button>
    }
}

/// Puts the text on the clipboard; false when the browser does not allow it. Remote pages without TLS have no clipboard.
async fn put(text: &str) -> bool {
    let navigator = window().navigator();
    let present = Reflect::get(navigator.as_ref(), &JsValue::from_str("clipboard"))
        .is_ok_and(|clipboard| !clipboard.is_undefined() && !clipboard.is_null());
    present && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
