//! Dialogs: an ordinary one, one that cannot go ahead, and one that destroys something.

use leptos::prelude::*;

use super::shelf::{Line, Shelf};
use crate::components::{Check, DialogFooter, Modal};

/// The state of a dialog.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Usual,
    Blocked,
    Destroying,
}

#[component]
pub(super) fn OpenedOnTop() -> impl IntoView {
    let open = RwSignal::new(None::<Shown>);
    let opener = move |shown: Shown, name: &'static str, text: &'static str| {
        view! { <button type="button" class="button" data-test=name on:click=move |_| open.set(Some(shown))>{text}</button> }
    };
    view! {
        <Shelf title="Dialogs">
            <Line state="Each opens on top of the page">
                {opener(Shown::Usual, "gallery-usual", "Update iris…")}
                {opener(Shown::Blocked, "gallery-blocked", "Update churn…")}
                {opener(Shown::Destroying, "gallery-destroying", "Delete ocr-receipts…")}
            </Line>
        </Shelf>
        {move || open.get().map(|shown| {
            let title = if shown == Shown::Destroying { "Delete ocr-receipts?" } else { "Update iris" };
            view! {
                <Modal title=title.to_owned() beside="The URL stays.".to_owned() name="gallery" on_close=move || open.set(None)>
                    <Body shown=shown/>
                </Modal>
            }
        })}
    }
}

#[component]
fn Body(shown: Shown) -> impl IntoView {
    let blocked =
        (shown == Shown::Blocked).then(|| "The machine has no room for this update with this strategy.".to_owned());
    let label = if shown == Shown::Destroying { "Delete ocr-receipts" } else { "Update to iris v2" };
    let accepted = RwSignal::new(false);
    view! {
        <div class="content"><p>"Every replica is replaced, a few at a time. Requests keep being answered."</p></div>
        <DialogFooter
            label=label.to_owned()
            danger={shown == Shown::Destroying}
            blocked=Signal::derive(move || blocked.clone())
            pending=false
            confirm=|| {}
        >
            <Check label="Go ahead with 1 warning" name="gallery-go-ahead" value=accepted/>
        </DialogFooter>
    }
}
