//! The browser's own dialog: it keeps the focus inside, closes on Escape, and gives the focus back.

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
    let heading = format!("dialog-{name}");
    let labelled = heading.clone();
    view! {
        <dialog
            node_ref=dialog
            class=format!("modal {class}")
            data-test=format!("dialog-{name}")
            aria-labelledby=labelled
            on:close=move |_| on_close()
        >
            <header>
                <h2 id=heading>{title}</h2>
                <span class="sub beside">{beside}</span>
            </header>
            {children()}
            // Last, so that the focus begins at what the dialog is for.
            <button type="button" class="button quiet square close" aria-label="Close" on:click=move |_| close.run()>
                <super::Glyph icon=super::Icon::Close/>
            </button>
        </dialog>
    }
}
