//! One clock for everything that shows how long ago something was or how long it may still take.

use gloo_timers::future::TimeoutFuture;
use jiff::Timestamp;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::State;

impl State {
    pub(super) fn start_clock(self) {
        spawn_local(async move {
            loop {
                TimeoutFuture::new(1_000).await;
                if page_is_visible() {
                    self.now.set(Timestamp::now());
                }
            }
        });
    }
}

/// Whether somebody can see the page.
pub(crate) fn page_is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}
