//! One clock for everything that shows how long ago something was or how long it may still take.

use jiff::Timestamp;
use leptos::prelude::*;

use super::State;
use super::poll::poll;

/// Milliseconds between two ticks.
const TICK_MS: u32 = 1_000;

impl State {
    pub(super) fn start_clock(self) {
        poll(|| TICK_MS, || true, move || async move { self.now.set(Timestamp::now()) });
    }
}
