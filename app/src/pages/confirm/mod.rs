//! Questions before something that matters: each names the thing and says in one sentence what will happen.

mod cancel;
mod delete;
mod operate;
mod quarantine;
mod remove;
mod roll_back;

use leptos::prelude::*;

use super::shared::Trouble;
use crate::api::Failure;
use crate::components::use_close;

pub(crate) use cancel::CancelDialog;
pub(crate) use delete::DeleteDialog;
pub(crate) use operate::OperateDialog;
pub(crate) use quarantine::QuarantineDialog;
pub(crate) use remove::RemoveDialog;
pub(crate) use roll_back::RollBackDialog;

/// What was refused, and the buttons.
#[component]
pub(crate) fn Answers(
    /// What the button that does it says.
    #[prop(into)]
    says: Signal<String>,
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
) -> impl IntoView {
    let close = use_close();
    view! {
        <footer>
            <span class="sub why" role="status">{blocked}</span>
            <button type="button" class="button" on:click=move |_| close.run()>"Keep it as it is"</button>
            <button
                type="button"
                class="button primary"
                class:danger=danger
                data-test="confirm"
                disabled=move || pending.get() || blocked.with(Option::is_some)
                on:click=move |_| confirm()
            >
                {move || if pending.get() { "One moment…".to_owned() } else { says.get() }}
            </button>
        </footer>
    }
}

/// What the server refused.
#[component]
pub(crate) fn Refused(#[prop(into)] failure: Signal<Option<Failure>>) -> impl IntoView {
    move || failure.get().map(|failure| view! { <Trouble failure=failure/> })
}
