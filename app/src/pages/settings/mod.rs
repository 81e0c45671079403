//! Settings: those of this browser, and for administrators those that the server was started with.

mod appearance;
mod server;

use leptos::prelude::*;

use self::appearance::AppearanceCard;
use self::server::ServerSettings;
use super::dialogs::{Dialogs, Open};
use super::drawn::Drawn;
use super::page_title::entitle;
use crate::api::href;
use crate::state::state;

/// The page at `/settings`.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Settings".to_owned());
    let admin = Memo::new(move |_| state.is_admin());
    view! {
        <Drawn>
            <header class="page-head"><h1>"Settings"</h1></header>
            <div class="stack">
                <div class="two-columns">
                    <AppearanceCard/>
                    <section class="panel">
                        <header class="panel-head"><h2>"Elsewhere"</h2></header>
                        <ul class="panel-body elsewhere">
                            <li><a href=href("/notifications?show=preferences")>"What you are told, by e-mail and in this browser"</a></li>
                            <li><a href=href("/me")>"Your name, password, sessions and API tokens"</a></li>
                            <li>
                                <button type="button" class="link-button" data-test="settings-shortcuts" on:click=move |_| dialogs.open(Open::Shortcuts)>"Keyboard shortcuts"</button>
                            </li>
                        </ul>
                    </section>
                </div>
                <Show when=move || admin.get() fallback=|| view! { <p class="sub">"Administrators find the settings of the server here."</p> }>
                    <ServerSettings/>
                </Show>
            </div>
        </Drawn>
    }
}
