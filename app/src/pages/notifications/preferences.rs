//! What one wants to be told of, and where.

use std::sync::Arc;

use domain::notice::{Channel, NoticePreferences, Topic};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure, href};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::browser_notices::{self, Permission};
use crate::state::{Query, state};
use crate::words::notices::{about, topic};

/// The tab.
#[component]
pub(super) fn PreferencesTab() -> impl IntoView {
    let state = state();
    let query = Query::once(api::notices::preferences);
    let me = Query::whenever(move || state.people_changed(), api::own::read);
    let failure = RwSignal::new(None::<Failure>);
    // What is chosen, at once; what could not be saved is taken back.
    let choices = RwSignal::new(NoticePreferences::default());
    Effect::new(move |_| {
        if let Some(kept) = query.value() {
            choices.set(kept.as_ref().clone());
        }
    });
    let save = Callback::new(move |(one, channel, on): (Topic, Channel, bool)| {
        let before = choices.get_untracked();
        choices.update(|choices| {
            let off = match channel {
                Channel::Application => &mut choices.no_application,
                _ => &mut choices.no_email,
            };
            if on {
                off.remove(&one)
            } else {
                off.insert(one)
            };
        });
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::notices::save_preferences(&choices.get_untracked()).await {
                failure.try_set(Some(state.noting(refused)));
                choices.try_set(before);
            }
        });
    });
    let without_address = move || me.value().is_some_and(|me| me.email.is_none());
    let draw = move |_: Arc<NoticePreferences>| {
        let row = |one: Topic| {
            let cell = |channel: Channel| {
                let name = format!("{channel}-{one}");
                let fixed = !one.may_be_switched_off();
                let label = format!("{} by {channel}", topic(one));
                let change = move |event: leptos::ev::Event| save.run((one, channel, event_target_checked(&event)));
                view! {
                    <input
                        type="checkbox"
                        aria-label=label
                        title=fixed.then_some("Everybody is told of this.")
                        data-test=name
                        prop:checked=move || choices.with(|choices| choices.allow(one, channel))
                        disabled=move || fixed || lost_connection().is_some()
                        on:change=change
                    />
                }
            };
            view! {
                <div class="grid-row preference-row" role="listitem" data-test="preference">
                    <div><b>{topic(one)}</b><span class="sub second-line">{about(one)}</span></div>
                    <label>{cell(Channel::Application)}<span class="only-narrow">"Here"</span></label>
                    <label>{cell(Channel::Email)}<span class="only-narrow">"E-mail"</span></label>
                </div>
            }
        };
        view! {
            <div class="grid-table" role="list" aria-label="What I am told">
                <div class="grid-row grid-head preference-row" aria-hidden="true">
                    <span>"What"</span><span>"Here"</span><span>"E-mail"</span>
                </div>
                {Topic::ALL.into_iter().map(row).collect_view()}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="part">
            <Refused failure=failure/>
            <Show when=without_address>
                <p class="sub" data-test="no-address">"You have no e-mail address, so nothing is sent to you. Give yourself one on "<a href=href("/me")>"your page"</a>"."</p>
            </Show>
            <QueryAnswer query=query lines=8 draw=draw/>
            <InBrowser/>
        </section>
    }
}

/// Whether this browser shows notices while the page is in the background.
#[component]
fn InBrowser() -> impl IntoView {
    let state = state();
    let on = RwSignal::new(browser_notices::is_on());
    let permission = RwSignal::new(browser_notices::permission());
    let toggle = move |event: leptos::ev::Event| {
        let wanted = event_target_checked(&event);
        spawn_local(async move {
            let now = if wanted { browser_notices::turn_on().await } else { browser_notices::turn_off() };
            on.try_set(browser_notices::is_on());
            permission.try_set(now);
            state.reread_notices();
        });
    };
    view! {
        <div class="panel">
            <header class="panel-head"><h2>"This browser"</h2></header>
            <div class="inside">
                <label class="check">
                    <input
                        type="checkbox"
                        data-test="browser-notices"
                        prop:checked=move || on.get()
                        disabled=move || matches!(permission.get(), Permission::Denied | Permission::Unknown)
                        on:change=toggle
                    />
                    "Show new notices on the desktop while this page is open in the background"
                </label>
                <p class="sub">{move || match permission.get() {
                    Permission::Denied => "The browser was told to show none. Allow notifications for this site in its settings, then reload the page.",
                    Permission::Unknown => "This browser shows no notifications here. Most show them at https:// and on this machine alone.",
                    Permission::Granted | Permission::Ask => "The choice is this browser's: another one asks again.",
                }}</p>
            </div>
        </div>
    }
}
