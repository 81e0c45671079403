//! Oneself: name, address, password, account at the identity provider, sessions and API tokens.

mod password;
mod profile;
mod provider;
mod sessions;

use leptos::prelude::*;

use self::password::PasswordCard;
use self::profile::ProfileCard;
use self::provider::ProviderCard;
use self::sessions::SessionsCard;
use super::drawn::Drawn;
use super::in_address::{dialog_setter, parameter};
use super::page_title::entitle;
use super::tokens::{TokenDialog, TokenList};
use crate::api::{self, href};
use crate::components::{Banner, StateLabel};
use crate::state::{Query, state};
use crate::words::Tone;

/// The page at `/me`.
#[component]
pub(crate) fn MePage() -> impl IntoView {
    let state = state();
    entitle(|| "You".to_owned());
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let me = Query::whenever(move || state.people_changed(), api::own::read);
    let name = move || state.session().map(|session| session.name);
    let role = move || state.session().map(|session| session.server_role.to_string()).unwrap_or_default();
    let alone = Memo::new(move |_| state.is_alone());
    let open = move || {
        if dialog.get() == "token" {
            view! { <TokenDialog owner=None on_close=move || set_dialog.run(String::new())/> }.into_any()
        } else {
            ().into_any()
        }
    };
    view! {
        <Drawn>
            <header class="page-head">
                <h1><bdi>{name}</bdi></h1>
                <StateLabel word=Signal::derive(role) tone=Tone::Off/>
            </header>
            <Show when=move || alone.get()>
                <Banner tone=Tone::Plain title="You are the only person here" name="alone">
                    <p>"Nobody else has been invited, so you need no account. Invite somebody on "<a href=href("/people")>"People and policies"</a>"; you choose your name then."</p>
                </Banner>
            </Show>
            <div class="two-columns">
                <div class="stack">
                    <ProfileCard me=me/>
                    <PasswordCard/>
                    <ProviderCard/>
                </div>
                <div class="stack">
                    <SessionsCard/>
                    <TokenList make=Callback::new(move |()| set_dialog.run("token".to_owned()))/>
                </div>
            </div>
            {open}
        </Drawn>
    }
}
