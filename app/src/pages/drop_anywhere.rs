//! Files that are dropped anywhere in the window: they are registered, and never take the place of the page.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::{DataTransfer, DragEvent};

use super::dialogs::{Dialogs, Open};
use super::dropped::{Dropped, HeldFiles};
use super::model_file::judged;
use crate::components::{Glyph, Icon};
use crate::state::{State, state};

/// Catches what is dropped, for as long as the caller is drawn.
pub(crate) fn catch_drops() {
    let (state, dialogs, dropped) = (state(), Dialogs::here(), Dropped::here());
    let over = move |event: DragEvent| {
        let Some(data) = files(&event) else { return };
        event.prevent_default();
        let held = becomes(state, dropped, data.items().length());
        data.set_drop_effect(if matches!(held, HeldFiles::Registers | HeldFiles::Chooses) { "copy" } else { "none" });
        dropped.hold(is_signed_in(state).then_some(held));
    };
    let left = move |event: DragEvent| {
        // From one thing of the page to the next is not out of the window.
        if event.related_target().is_none() {
            dropped.hold(None);
        }
    };
    let let_go = move |event: DragEvent| {
        let Some(data) = files(&event) else { return };
        event.prevent_default();
        dropped.hold(None);
        let most = untrack(|| state.session()).map_or(0, |session| session.max_model_bytes);
        if let Some(take) = dropped.taker() {
            take(judged(&data, most));
        } else if is_signed_in(state) && !has_dialog() {
            dropped.wait(judged(&data, most));
            dialogs.open(Open::Register(None));
        }
    };
    let entered = window_event_listener(ev::dragenter, over);
    let over = window_event_listener(ev::dragover, over);
    let left = window_event_listener(ev::dragleave, left);
    let let_go = window_event_listener(ev::drop, let_go);
    on_cleanup(move || {
        entered.remove();
        over.remove();
        left.remove();
        let_go.remove();
    });
}

/// What is dragged, where it holds files: a piece of text goes where it always goes.
fn files(event: &DragEvent) -> Option<DataTransfer> {
    event.data_transfer().filter(|data| data.types().includes(&"Files".into(), 0))
}

fn is_signed_in(state: State) -> bool {
    untrack(|| state.session()).is_some()
}

/// True while a dialog keeps everything behind it from being used.
fn has_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

fn becomes(state: State, dropped: Dropped, files: u32) -> HeldFiles {
    match (dropped.taker().is_some(), files) {
        (false, _) if has_dialog() || !is_signed_in(state) => HeldFiles::Nothing,
        (_, 2..) => HeldFiles::TooMany,
        (true, _) => HeldFiles::Chooses,
        (false, _) => HeldFiles::Registers,
    }
}

/// Says what becomes of the files that are held over the page, above everything else.
#[component]
pub(crate) fn HeldOver() -> impl IntoView {
    let dropped = Dropped::here();
    let layer = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let held = dropped.held();
        let Some(layer) = layer.get() else { return };
        // Shown last, it lies above a dialog too.
        let _ = if held.is_some() { layer.show_popover() } else { layer.hide_popover() };
    });
    let words = move || {
        dropped.held().map(|held| {
            let (title, what, besides) = words(held);
            view! { <b>{title}</b><span class="second">{what}</span><span class="sub">{besides}</span> }
        })
    };
    view! {
        <div node_ref=layer popover="manual" class="drop-everywhere" data-test="held-over">
            <div class="drop-card"><Glyph icon=Icon::Upload/>{words}</div>
        </div>
    }
}

/// What happens in a few words, what that means, and what it does not touch. A browser tells the name of a file when it is
/// let go, not before.
fn words(held: HeldFiles) -> (&'static str, &'static str, &'static str) {
    match held {
        HeldFiles::Registers => (
            "Drop to register",
            "The name of the file proposes the model; you can change it.",
            "Nothing running changes. Deployments that use the model show “update available”.",
        ),
        HeldFiles::Chooses => ("Drop to choose this file", "Nothing is sent yet.", ""),
        HeldFiles::Nothing => ("Close the dialog first", "It has no use for a file.", ""),
        HeldFiles::TooMany => {
            ("One file at a time", "A version is one file: pack what belongs together into a zip or a tar.", "")
        }
    }
}
