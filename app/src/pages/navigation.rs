//! The navigation beside every screen; on phones a bar with a menu.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;

use super::dialogs::{Dialogs, Open};
use super::kept_draft::forget_all;
use crate::api::{self, href, root};
use crate::components::{Glyph, Icon};
use crate::state::{Access, Connection, state};
use crate::words::numbers;

/// Where a link leads, its picture, its word, and its name in tests.
type Screen = (&'static str, Icon, &'static str, &'static str);

const WORK: [Screen; 5] = [
    ("/", Icon::Deployments, "Deployments", "nav-deployments"),
    ("/models", Icon::Models, "Models", "nav-models"),
    ("/use-cases", Icon::UseCases, "Use cases", "nav-use-cases"),
    ("/approvals", Icon::Approvals, "Approvals", "nav-approvals"),
    ("/history", Icon::History, "History", "nav-history"),
];
const RULES: [Screen; 4] = [
    ("/people", Icon::People, "People and policies", "nav-people"),
    ("/freezes", Icon::Freeze, "Freezes", "nav-freezes"),
    ("/notifications", Icon::Bell, "Notifications", "nav-notifications"),
    ("/settings", Icon::Settings, "Settings", "nav-settings"),
];

/// The navigation.
#[component]
pub(crate) fn Navigation() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let location = use_location();
    let open = RwSignal::new(false);
    let path = Memo::new(move |_| {
        let path = location.pathname.get();
        path.strip_prefix(root()).unwrap_or(&path).to_owned()
    });
    Effect::new(move |_| {
        path.track();
        open.set(false);
    });
    let within = move |at: &str| {
        path.with(|path| match at {
            "/" => path == "/" || path.starts_with("/deployments"),
            at => path.starts_with(at),
        })
    };
    let title = move || {
        let screens = WORK.iter().chain(&RULES);
        screens.filter(|(at, ..)| within(at)).map(|(_, _, word, _)| *word).next_back().unwrap_or("Changeover")
    };
    let count = move |at: &str| match at {
        "/" => {
            view! { <span class="count">{move || numbers::whole(state.deployment_count() as u64)}</span> }.into_any()
        }
        "/approvals" => {
            let waiting = move || {
                let counts = state.request_counts();
                counts.waits_for_me + counts.to_acknowledge
            };
            view! {
                {move || (waiting() > 0).then(|| view! {
                    <span class="count hot" data-test="waits-for-me" title="wait for you">
                        {waiting}<span class="visually-hidden">" wait for you"</span>
                    </span>
                })}
            }
            .into_any()
        }
        "/notifications" => view! {
            {move || (state.unread_notices() > 0).then(|| view! {
                <span class="count" data-test="unread-notices" title="unread">
                    {move || state.unread_notices()}<span class="visually-hidden">" unread"</span>
                </span>
            })}
        }
        .into_any(),
        _ => ().into_any(),
    };
    let link = move |(at, icon, word, name): Screen| {
        view! {
            <a href=href(at) aria-current=move || within(at).then_some("page") data-test=name>
                <Glyph icon=icon/>
                <span>{word}</span>
                {count(at)}
            </a>
        }
    };
    let session = move || state.session();
    let who = move || session().map(|session| session.name);
    let version = move || session().map(|session| format!("Changeover {}", session.version));
    let live = move || state.connection() == Connection::Live;
    let leave = move |_| {
        spawn_local(async move {
            let _ = api::session::sign_out().await;
            forget_all();
            state.set_access(Access::SignedOut);
        });
    };
    let toggle = move |_| open.update(|open| *open = !*open);
    view! {
        <nav class="navigation" class:open=move || open.get() aria-label="Screens">
            <a class="brand" href=href("/") title=version><Glyph icon=Icon::Brand/><span>"Changeover"</span></a>
            <b class="only-narrow here">{title}</b>
            <span class="only-narrow grow"></span>
            <button
                type="button"
                class="only-narrow"
                aria-label="Find"
                on:click=move |_| dialogs.open(Open::Palette)
            >
                <Glyph icon=Icon::Search/>
            </button>
            <button
                type="button"
                class="only-narrow"
                aria-label="All screens"
                aria-expanded=move || open.get().to_string()
                aria-controls="screens"
                data-test="nav-menu"
                on:click=toggle
            >
                <Glyph icon=Icon::Menu/>
                {move || (state.request_counts().waits_for_me > 0).then(|| view! { <i class="hot-dot"></i> })}
            </button>
            <div id="screens" class="screens">
                {WORK.map(link).collect_view()}
                <div class="rule"></div>
                {RULES.map(link).collect_view()}
                <span class="grow"></span>
                <span class="live-state" class:lost=move || !live()>
                    <span>{move || if live() { "Live" } else { "Connection lost" }}</span>
                </span>
                <button type="button" class="find only-wide" title="Find a page, a deployment, a model or an action (Ctrl K)" on:click=move |_| dialogs.open(Open::Palette)>
                    <Glyph icon=Icon::Search/>
                    <span>"Find"</span>
                    <kbd>"Ctrl K"</kbd>
                </button>
                <a href=href("/me") aria-current=move || within("/me").then_some("page") title="You: sessions, tokens, password" data-test="nav-me">
                    <Glyph icon=Icon::Person/>
                    <span class="cut" dir="auto">{who}</span>
                </a>
                <button type="button" class="who" title="Sign out" data-test="sign-out" on:click=leave>
                    <Glyph icon=Icon::SignOut/>
                    <span>"Sign out"</span>
                </button>
            </div>
        </nav>
    }
}
