//! The footer of a dialog: the obstacle, the button that leaves it, and the button that goes ahead.

use leptos::prelude::*;

use super::modal::use_close;

/// What keeps every dialog from going ahead, such as a connection that is lost; whoever draws the page provides it.
#[derive(Clone, Copy)]
pub(crate) struct Obstacle(pub(crate) Signal<Option<String>>);

/// The footer of the dialog around it.
#[component]
pub(crate) fn DialogFooter(
    /// The text of the button that goes ahead.
    #[prop(into)]
    label: Signal<String>,
    /// The text of the button that leaves the dialog.
    #[prop(default = "Cancel")]
    leave: &'static str,
    /// It destroys something.
    #[prop(optional, into)]
    danger: Signal<bool>,
    /// The reason why it cannot go ahead; `None` when it can.
    #[prop(into)]
    blocked: Signal<Option<String>>,
    /// The request is on its way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Goes ahead.
    confirm: impl Fn() + 'static,
    /// Anything to confirm before the buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let close = use_close();
    let everywhere = use_context::<Obstacle>();
    let blocked = Memo::new(move |_| everywhere.and_then(|obstacle| obstacle.0.get()).or_else(|| blocked.get()));
    view! {
        <footer>
            <span class="sub why" role="status" data-test="blocked">{blocked}</span>
            {children.map(|children| children())}
            <button type="button" class="button" on:click=move |_| close.run()>{leave}</button>
            <button
                type="submit"
                class="button primary"
                class:danger=move || danger.get()
                data-test="confirm"
                disabled=move || pending.get() || blocked.with(Option::is_some)
                on:click=move |_| confirm()
            >
                {label}
            </button>
        </footer>
    }
}
