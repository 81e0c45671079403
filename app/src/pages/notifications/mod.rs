//! Notifications: what one was told, what one wants to be told; and for administrators, how mail and webhooks fare.

mod deliveries;
mod mail;
mod mine;
mod preferences;
mod webhook_form;
mod webhooks;

use leptos::prelude::*;

use self::deliveries::DeliveriesTab;
use self::mail::MailTab;
use self::mine::MineTab;
use self::preferences::PreferencesTab;
use self::webhook_form::WebhookDialog;
use self::webhooks::WebhooksTab;
use super::drawn::{Drawn, lost_connection};
use super::in_address::{dialog_setter, parameter};
use super::page_title::entitle;
use crate::api::{self, href};
use crate::components::{Glyph, Icon, roll_to_chosen};
use crate::state::{Query, state};

/// The page at `/notifications`.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let state = state();
    entitle(|| "Notifications".to_owned());
    let show = parameter("show");
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let admin = Memo::new(move |_| state.is_admin());
    let webhooks = Query::when(move || admin.get(), api::webhooks::list);
    let row = NodeRef::<leptos::html::Nav>::new();
    roll_to_chosen(row, move || show.get());
    let link = move |key: &'static str, label: &'static str| {
        let current = move || show.with(|show| show == key).then_some("page");
        let address = if key.is_empty() { href("/notifications") } else { href(&format!("/notifications?show={key}")) };
        view! {
            <a href=address aria-current=current data-test=format!("tab-{}", if key.is_empty() { "mine" } else { key }) data-noscroll="">{label}</a>
        }
    };
    let off = move || lost_connection().is_some();
    let close = move || set_dialog.run(String::new());
    // A dialog that is open stays as it is while the list is read again.
    let open = Memo::new(move |_| {
        let dialog = dialog.get();
        if admin.get() && webhooks.value().is_some() { dialog } else { String::new() }
    });
    let new_webhook = move || admin.get() && show.with(|show| show == "webhooks");
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Notifications"</h1>
                <span class="grow"></span>
                <Show when=new_webhook>
                    <button type="button" class="button primary" data-test="new-webhook" disabled=off on:click=move |_| set_dialog.run("webhook".to_owned())>
                        <Glyph icon=Icon::Plus/>"New webhook"
                    </button>
                </Show>
            </header>
            <nav node_ref=row class="tabs" aria-label="Parts">
                {link("", "Mine")}
                {link("preferences", "What I am told")}
                {move || admin.get().then(|| view! {
                    {link("mail", "Mail")}
                    {link("webhooks", "Webhooks")}
                    {link("deliveries", "Deliveries")}
                })}
            </nav>
            {move || match (show.get().as_str(), admin.get()) {
                ("preferences", _) => view! { <PreferencesTab/> }.into_any(),
                ("mail", true) => view! { <MailTab/> }.into_any(),
                ("webhooks", true) => view! { <WebhooksTab query=webhooks open=set_dialog/> }.into_any(),
                ("deliveries", true) => view! { <DeliveriesTab/> }.into_any(),
                _ => view! { <MineTab/> }.into_any(),
            }}
            {move || {
                let dialog = open.get();
                match dialog.split_once(' ') {
                    None if dialog == "webhook" => view! { <WebhookDialog view=None query=webhooks on_close=close/> }.into_any(),
                    Some(("webhook", id)) => match untrack(|| webhooks.value()).and_then(|all| all.iter().find(|one| one.id.as_str() == id).cloned()) {
                        Some(view) => view! { <WebhookDialog view=Some(view) query=webhooks on_close=close/> }.into_any(),
                        None => ().into_any(),
                    },
                    _ => ().into_any(),
                }
            }}
        </Drawn>
    }
}
