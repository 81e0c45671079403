//! The foot of a dialog: why it cannot be done, the way out, and the button that does it.

use leptos::prelude::*;

use super::modal::use_close;

/// The foot of the dialog around it.
#[component]
pub(crate) fn DialogFooter(
    /// What the button that does it says.
    #[prop(into)]
    label: Signal<String>,
    /// What the button that leaves the dialog says.
    #[prop(default = "Cancel")]
    leave: &'static str,
    /// It destroys something.
    #[prop(optional)]
    danger: bool,
    /// Why it cannot be done; `None` when it can.
    #[prop(into)]
    blocked: Signal<Option<String>>,
    /// It was asked for, and the answer is on its way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Does it.
    confirm: impl Fn() + 'static,
    /// Stands before the buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let close = use_close();
    view! {
        <footer>
            <span class="sub why" role="status" data-test="blocked">{blocked}</span>
            {children.map(|children| children())}
            <button type="button" class="button" on:click=move |_| close.run()>{leave}</button>
            <button
                type="button"
                class="button primary"
                class:danger=danger
                data-test="confirm"
                disabled=move || pending.get() || blocked.with(Option::is_some)
                on:click=move |_| confirm()
            >
                {label}
            </button>
        </footer>
    }
}
