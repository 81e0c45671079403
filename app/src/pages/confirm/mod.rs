//! Questions before something that matters: each names the thing and says in one sentence what will happen.

mod cancel;
mod clear_statistics;
mod delete;
mod operate;
mod quarantine;
mod remove;
mod revision;
mod revoke_tokens;
mod roll_back;
mod rotate_key;

use leptos::prelude::*;

use crate::components::DialogFooter;

pub(crate) use cancel::CancelDialog;
pub(crate) use clear_statistics::ClearStatisticsDialog;
pub(crate) use delete::DeleteDialog;
pub(crate) use operate::OperateDialog;
pub(crate) use quarantine::QuarantineDialog;
pub(crate) use remove::RemoveDialog;
pub(crate) use revoke_tokens::RevokeTokensDialog;
pub(crate) use roll_back::RollBackDialog;
pub(crate) use rotate_key::RotateKeyDialog;

/// The footer of a question: to go ahead, or to keep everything as it is.
#[component]
pub(crate) fn ConfirmFooter(
    /// The text of the button that goes ahead.
    #[prop(into)]
    label: Signal<String>,
    /// The text of the button that leaves everything as it is.
    #[prop(default = "Change nothing")]
    leave: &'static str,
    /// It destroys something.
    #[prop(optional)]
    danger: bool,
    /// The reason why it cannot go ahead; `None` when it can.
    #[prop(into)]
    blocked: Signal<Option<String>>,
    /// The request is on its way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Goes ahead.
    confirm: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <DialogFooter
            label=Signal::derive(move || if pending.get() { "One moment…".to_owned() } else { label.get() })
            leave=leave
            danger=danger
            blocked=blocked
            pending=pending
            confirm=confirm
        />
    }
}
