//! The buttons of a request, each with the reason why it cannot be pressed.

use domain::change_request::{RequestState, ReviewVerdict};
use domain::wire::{ChangeRequestView, RequestOffer};
use leptos::prelude::*;

use super::subject::RequestSubject;
use crate::api::requests::RequestStep;
use crate::components::{Glyph, Icon, Menu, MenuItem};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::parameter_setter;

/// What is offered for a request that is live; nothing for one that has ended.
#[component]
pub(super) fn Buttons(class: &'static str) -> impl IntoView {
    let subject: RequestSubject = expect_context();
    let dialogs = Dialogs::here();
    let say = parameter_setter("say");
    let view = subject.view;
    let live = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.ended.is_none())));
    let why = move |offer: fn(&ChangeRequestView) -> &RequestOffer| {
        Memo::new(move |_| lost_connection().or_else(|| view.with(|view| why_not(offer(view.as_deref()?)))))
    };
    let approve = why(|view| &view.offers.approve);
    let changes = why(|view| &view.offers.request_changes);
    let apply = why(|view| &view.offers.apply);
    let edit = why(|view| &view.offers.edit);
    let cancel = why(|view| &view.offers.cancel);
    let in_state = move |state: RequestState| view.with(|view| view.as_ref().is_some_and(|view| view.state == state));
    let no_edit = move || {
        let other = view.with(|view| view.as_ref().is_none_or(|view| view.configuration.is_none()));
        other.then(|| {
            "Only the configuration of an update can be edited. Cancel this request, and ask again.".to_owned()
        })
    };
    let open_edit = move || {
        if let Some(view) = view.get_untracked()
            && let Some(deployment) = view.deployment.clone()
        {
            dialogs.open(Open::EditRequest(deployment, view.id.clone(), view.configuration.clone()));
        }
    };
    let open_cancel = move || {
        if let Some(view) = view.get_untracked() {
            dialogs.open(Open::CancelRequest(view.id.clone()));
        }
    };
    let busy = move || subject.pending.get();
    let below = Memo::new(move |_| {
        let shown = if in_state(RequestState::Approved) { apply } else { approve };
        shown.get().filter(|_| live.get())
    });
    view! {
        <Show when=move || live.get()>
            <div class=format!("request-buttons {class}")>
                <span class="buttons">
                    <button
                        type="button"
                        class="button"
                        data-test="request-changes"
                        disabled=move || busy() || changes.with(Option::is_some)
                        title=move || changes.get()
                        on:click=move |_| {
                            say.run("changes".to_owned());
                            super::discussion::focus_reply();
                        }
                    >
                        "Request changes"
                    </button>
                    {move || if in_state(RequestState::Approved) {
                        view! {
                            <button
                                type="button"
                                class="button primary"
                                data-test="apply"
                                disabled=move || busy() || apply.with(Option::is_some)
                                title=move || apply.get()
                                on:click=move |_| subject.step(RequestStep::Apply)
                            >
                                "Start now"
                            </button>
                        }.into_any()
                    } else {
                        view! {
                            <button
                                type="button"
                                class="button primary"
                                data-test="approve"
                                disabled=move || busy() || approve.with(Option::is_some)
                                title=move || approve.get()
                                on:click=move |_| subject.review(ReviewVerdict::Approved)
                            >
                                <Glyph icon=Icon::Check/>
                                {move || if busy() { "Sending…" } else { "Approve" }}
                            </button>
                        }.into_any()
                    }}
                    <Menu label="More about this request" id=format!("request-{class}")>
                        <MenuItem label="Edit…" name="edit-request" blocked=edit.get().or_else(no_edit) on_choose=open_edit/>
                        <MenuItem label="Cancel the request…" name="cancel-request" danger=true blocked=cancel.get() on_choose=open_cancel/>
                    </Menu>
                </span>
                <span class="sub why" data-test="why-not">{move || below.get()}</span>
            </div>
        </Show>
    }
}

fn why_not(offer: &RequestOffer) -> Option<String> {
    (!offer.allowed).then(|| offer.why.clone().unwrap_or_else(|| "This cannot be done now.".to_owned()))
}
