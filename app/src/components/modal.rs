//! The browser's own dialog around a form: it keeps the focus inside, closes on Escape, gives the focus back, and Enter in
//! a field does what the button of its footer does.

use leptos::html;
use leptos::prelude::*;

/// Closes the dialog that it is used in.
#[derive(Clone, Copy)]
pub(crate) struct CloseModal(Callback<()>);

impl CloseModal {
    /// One for a form that stands on a page and no dialog.
    pub(crate) fn of(close: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Callback::new(move |()| close()))
    }

    /// Closes it.
    pub(crate) fn run(self) {
        self.0.run(());
    }
}

/// The handle that closes the dialog around the caller.
pub(crate) fn use_close() -> CloseModal {
    expect_context()
}

/// A dialog that is open for as long as it exists.
#[component]
pub(crate) fn Modal(
    /// Its title; read aloud when it opens.
    #[prop(into)]
    title: Signal<String>,
    /// The text beside the title.
    #[prop(into, optional)]
    beside: Signal<String>,
    /// A class for its size.
    #[prop(default = "")]
    class: &'static str,
    /// Names it in tests.
    name: &'static str,
    /// Told when it has closed.
    on_close: impl Fn() + 'static,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| !dialog.open()) {
            request_animation_frame(move || drop(dialog.show_modal()));
        }
    });
    let close = CloseModal(Callback::new(move |()| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    }));
    provide_context(close);
    // It may go without having been closed, by the browser's buttons: then the focus goes back all the same, and nobody
    // is told, because what is told may be gone too.
    let drawn = StoredValue::new(());
    on_cleanup(move || {
        if let Some(dialog) = dialog.try_get_untracked().flatten().filter(|dialog| dialog.open()) {
            dialog.close();
        }
    });
    let closed = move |_| {
        if drawn.try_get_value().is_some() {
            on_close();
        }
    };
    let heading = format!("dialog-{name}");
    let labelled = heading.clone();
    view! {
        <dialog
            node_ref=dialog
            class=format!("modal {class}")
            data-test=format!("dialog-{name}")
            aria-labelledby=labelled
            on:close=closed
        >
            <header>
                <h2 id=heading>{title}</h2>
                <span class="sub beside">{beside}</span>
            </header>
            // Each field says itself what is wrong with it.
            <form class="modal-form" novalidate on:submit=|event| event.prevent_default()>{children()}</form>
            // Last, so that the focus begins at what the dialog is for.
            <button type="button" class="button quiet square close" aria-label="Close" on:click=move |_| close.run()>
                <super::Glyph icon=super::Icon::Close/>
            </button>
        </dialog>
    }
}
