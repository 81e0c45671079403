//! The frame of every screen: signing in, navigation, and notices about the connection and the storage.

use domain::wire::Errand;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{Route, Routes};
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::path;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::deployments::{DeploymentsPage, SeveralRun};
use super::dialogs::{Dialogs, Open};
use super::drawn::lost_connection;
use super::drop_anywhere::{HeldOver, catch_drops};
use super::heard::Heard;
use super::kept_focus::keep_focus;
use super::navigation::Navigation;
use super::open_dialog::OpenDialog;
use super::parts;
use super::query_answer::Refused;
use super::sign_in::{self, JoinPage, SignInAgain, SignInPage};
use super::slash::is_typing;
use super::to_provider::place_left;
use crate::api::{self, Failure, href};
use crate::components::{Glyph, Icon, Obstacle};
use crate::state::{Access, Connection, Query, State, state};
use crate::words::times;

/// Milliseconds until a server that does not answer is asked for the session again.
const AGAIN_MS: u32 = 1_500;
/// Milliseconds between two questions after the storage.
const LOOK_MS: u32 = 10_000;

/// The sign-in page for strangers, the way in for who is invited, the screens for everybody else.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let state = state();
    Dialogs::provide();
    let trouble = RwSignal::new(None::<Failure>);
    let joining = RwSignal::new(sign_in::is_invitation());
    let turned_back = RwSignal::new(None::<Failure>);
    let navigate = use_navigate();
    keep_focus();
    catch_drops();
    spawn_local(state.read_provider());
    if !joining.get_untracked() {
        spawn_local(async move {
            if let Some(place) = come_back(turned_back).await {
                let options = NavigateOptions { resolve: false, replace: true, ..Default::default() };
                navigate(&href(&place), options);
            }
            recognise(state, trouble).await;
            // Who is not signed in is told where they sign in.
            if let Some(failure) = turned_back.get_untracked().filter(|_| state.session().is_none()) {
                trouble.set(Some(failure));
                turned_back.set(None);
            }
        });
    }
    let kind = Memo::new(move |_| match state.access() {
        _ if joining.get() => 3,
        Access::Asking => 0,
        Access::SignedOut => 1,
        Access::SignedIn(_) => 2,
    });
    move || {
        match kind.get() {
        3 => view! { <JoinPage joined=move |()| joining.set(false)/> }.into_any(),
        0 => view! {
            <main class="alone">
                <div class="stack">
                    <Refused failure=trouble/>
                    {move || trouble.with(Option::is_some).then(|| view! { <p class="sub">"This page keeps trying by itself."</p> })}
                </div>
            </main>
        }
        .into_any(),
        1 => view! { <SignInPage trouble=trouble/> }.into_any(),
        _ => view! { <Screens turned_back=turned_back/> }.into_any(),
    }
    }
}

/// Finishes the way to the identity provider and back, for whoever comes from there; the page that they go on to.
async fn come_back(turned_back: RwSignal<Option<Failure>>) -> Option<String> {
    let outcome = api::provider::finish(sign_in::errand_of_link()?).await;
    let left = place_left().unwrap_or_else(|| "/".to_owned());
    Some(match outcome {
        Ok(Errand::Link) => "/me".to_owned(),
        Ok(Errand::Again) => {
            // A tab that was opened for this closes, where the browser lets it.
            let _ = window().close();
            left
        }
        Ok(Errand::SignIn) => left,
        Ok(Errand::Join) => "/".to_owned(),
        Err(failure) => {
            turned_back.set(Some(failure));
            // Whoever had signed in before went for something of their own.
            if api::session::read().await.is_ok() { "/me".to_owned() } else { "/sign-in".to_owned() }
        }
    })
}

/// Signs in with a link, or finds out who is signed in already.
async fn recognise(state: State, trouble: RwSignal<Option<Failure>>) {
    if let Some(given) = sign_in::sign_in_of_link() {
        match api::session::sign_in(given).await {
            Ok(session) => return state.set_access(Access::SignedIn(Box::new(session))),
            Err(failure) => trouble.set(Some(failure)),
        }
        if trouble.with_untracked(|trouble| !matches!(trouble, Some(Failure::Unreachable))) {
            return state.set_access(Access::SignedOut);
        }
    }
    loop {
        match api::session::read().await {
            Ok(session) => return state.set_access(Access::SignedIn(Box::new(session))),
            Err(failure) if failure.is(domain::wire::ErrorCode::Unauthenticated) => {
                trouble.set(None);
                return state.set_access(Access::SignedOut);
            }
            Err(failure) => trouble.set(Some(failure)),
        }
        TimeoutFuture::new(AGAIN_MS).await;
    }
}

#[component]
fn Screens(turned_back: RwSignal<Option<Failure>>) -> impl IntoView {
    SeveralRun::provide();
    let dialogs = Dialogs::here();
    provide_context(Obstacle(Signal::derive(lost_connection)));
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            dialogs.open(Open::Palette);
        } else if event.key() == "?" && !is_typing() {
            event.prevent_default();
            dialogs.open(Open::Shortcuts);
        }
    });
    on_cleanup(move || keys.remove());
    // Who listens to the page hears that it is another one.
    let path = use_location().pathname;
    let is_application = Memo::new(move |_| path.with(|path| path.starts_with(&href("/apps/"))));
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        let main =
            document().get_element_by_id("main").filter(|_| before.as_ref().is_some_and(|before| *before != now));
        // What went wrong on the way here is read by then.
        if before.is_some_and(|before| before != now && before != href("/sign-in")) {
            turned_back.set(None);
        }
        if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
            let _ = main.focus();
        }
        now
    });
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <div class="frame" class:plain=move || is_application.get()>
            // Whoever was given the link to an application operates nothing.
            <Show when=move || !is_application.get()><Navigation/></Show>
            <main id="main" tabindex="-1">
                <Stale/>
                <NotWritten/>
                <div class="turned-back"><Refused failure=turned_back/></div>
                <Heard/>
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=DeploymentsPage/>
                    <Route path=path!("/sign-in") view=GoHome/>
                    <Route path=path!("/join") view=GoHome/>
                    <Route path=path!("/signed-in") view=GoHome/>
                    <Route path=path!("/deployments") view=GoHome/>
                    <Route path=path!("/deployments/:name") view=|| parts::page(parts::fetch_deployment, parts::deployment)/>
                    <Route path=path!("/apps/:name") view=|| parts::page(parts::fetch_application, parts::application)/>
                    <Route path=path!("/models") view=|| parts::page(parts::fetch_models, parts::models)/>
                    <Route path=path!("/models/:name") view=|| parts::page(parts::fetch_model, parts::model)/>
                    <Route path=path!("/use-cases") view=|| parts::page(parts::fetch_use_cases, parts::use_cases)/>
                    <Route path=path!("/use-cases/:id") view=|| parts::page(parts::fetch_use_case, parts::use_case)/>
                    <Route path=path!("/approvals") view=|| parts::page(parts::fetch_approvals, parts::approvals)/>
                    <Route path=path!("/approvals/:id") view=|| parts::page(parts::fetch_request, parts::request)/>
                    <Route path=path!("/people") view=|| parts::page(parts::fetch_people, parts::people)/>
                    <Route path=path!("/freezes") view=|| parts::page(parts::fetch_freezes, parts::freezes)/>
                    <Route path=path!("/notifications") view=|| parts::page(parts::fetch_notifications, parts::notifications)/>
                    <Route path=path!("/me") view=|| parts::page(parts::fetch_me, parts::me)/>
                    <Route path=path!("/settings") view=|| parts::page(parts::fetch_settings, parts::settings)/>
                    <Route path=path!("/history") view=|| parts::page(parts::fetch_history, parts::history)/>
                </Routes>
            </main>
        </div>
        <OpenDialog/>
        <HeldOver/>
        <SignInAgain/>
    }
}

/// Says when the page may show old values.
#[component]
fn Stale() -> impl IntoView {
    let state = state();
    move || {
        (state.connection() == Connection::Lost).then(|| {
            let at = times::minute(state.now().get_untracked());
            view! {
                <div class="stale" role="status" data-test="stale">
                    <Glyph icon=Icon::Warning/>
                    <span><b>"Connection lost."</b>" Showing the state of "{at}". Reconnecting…"</span>
                </div>
            }
        })
    }
}

/// Says when the server cannot save changes, so that it refuses them.
#[component]
fn NotWritten() -> impl IntoView {
    let session = Query::new(api::session::read);
    session.ask_every(LOOK_MS, || true);
    let problem = Memo::new(move |_| session.value()?.storage_problem.clone());
    move || {
        problem.get().map(|problem| {
            view! {
                <div class="stale" role="status" data-test="not-written">
                    <Glyph icon=Icon::Warning/>
                    <span><b>"The server cannot save changes. Requests are still answered."</b>" "{problem}</span>
                </div>
            }
        })
    }
}

#[component]
fn GoHome() -> impl IntoView {
    let navigate = use_navigate();
    Effect::new(move |_| {
        // The root keeps its slash: what the page names lies below it.
        let options = NavigateOptions { resolve: false, replace: true, ..Default::default() };
        navigate(&href("/"), options);
    });
}

#[component]
fn NotFound() -> impl IntoView {
    #[cfg(feature = "gallery")]
    if use_location().pathname.get_untracked() == href("/gallery") {
        return view! { <super::gallery::GalleryPage/> }.into_any();
    }
    view! {
        <div class="page">
            <crate::components::Empty title="There is nothing at this address">
                <p>"Start from the "<a href=href("/")>"deployments"</a>"."</p>
            </crate::components::Empty>
        </div>
    }
    .into_any()
}
