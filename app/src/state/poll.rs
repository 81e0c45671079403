//! Work that is done again and again while somebody looks at the page.

use std::future::Future;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Does `work` every so many milliseconds while the page is visible, for as long as it is `wanted`.
pub(super) fn poll<F: Future<Output = ()> + 'static>(
    milliseconds: impl Fn() -> u32 + 'static,
    wanted: impl Fn() -> bool + 'static,
    work: impl Fn() -> F + 'static,
) {
    spawn_local(async move {
        loop {
            TimeoutFuture::new(milliseconds()).await;
            if !wanted() {
                return;
            }
            if page_is_visible() {
                work().await;
            }
        }
    });
}

/// True while somebody can see the page.
pub(super) fn page_is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}
