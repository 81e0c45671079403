//! The parts of the interface that a browser fetches when they are first shown, so that the first page is there early.
//!
//! # Flow
//! Each function below is where a part begins: what the first page does not need goes into the file of its part, the first word
//! of its attribute (`cargo xtask web` cuts the program there). [`page`] and [`open_dialog`] fetch the file, then call the
//! function. There are two parts and no more: what several parts share has a file for each set of parts that shares it.

use std::future::Future;

use futures_util::FutureExt as _;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen_futures::spawn_local;

use super::application::ApplicationPage;
use super::approvals::{ApprovalsPage, RequestPage};
use super::deployment::DeploymentPage;
use super::dialog::Dialog;
use super::dialogs::{Dialogs, Open};
use super::freezes::FreezesPage;
use super::history::HistoryPage;
use super::me::MePage;
use super::models::{ModelPage, ModelsPage};
use super::notifications::NotificationsPage;
use super::people::PeoplePage;
use super::settings::SettingsPage;
use super::use_cases::{UseCasePage, UseCasesPage};
use crate::components::{Empty, Modal, Skeleton};
use crate::state::state;

/// The outcome of fetching a part.
type Fetched = Result<(), SplitLoaderError>;
/// What a part draws.
type Drawn = Result<AnyView, SplitLoaderError>;

#[wasm_split(deployment, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_deployment))]
pub(super) fn deployment() -> Drawn {
    Ok(view! { <DeploymentPage/> }.into_any())
}

#[wasm_split(deployment, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_application))]
pub(super) fn application() -> Drawn {
    Ok(view! { <ApplicationPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_models))]
pub(super) fn models() -> Drawn {
    Ok(view! { <ModelsPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_model))]
pub(super) fn model() -> Drawn {
    Ok(view! { <ModelPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_approvals))]
pub(super) fn approvals() -> Drawn {
    Ok(view! { <ApprovalsPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_request))]
pub(super) fn request() -> Drawn {
    Ok(view! { <RequestPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_people))]
pub(super) fn people() -> Drawn {
    Ok(view! { <PeoplePage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_freezes))]
pub(super) fn freezes() -> Drawn {
    Ok(view! { <FreezesPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_use_cases))]
pub(super) fn use_cases() -> Drawn {
    Ok(view! { <UseCasesPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_use_case))]
pub(super) fn use_case() -> Drawn {
    Ok(view! { <UseCasePage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_notifications))]
pub(super) fn notifications() -> Drawn {
    Ok(view! { <NotificationsPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_me))]
pub(super) fn me() -> Drawn {
    Ok(view! { <MePage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_settings))]
pub(super) fn settings() -> Drawn {
    Ok(view! { <SettingsPage/> }.into_any())
}

#[wasm_split(elsewhere, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_history))]
pub(super) fn history() -> Drawn {
    Ok(view! { <HistoryPage/> }.into_any())
}

#[wasm_split(deployment, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_dialog))]
pub(super) fn dialog(open: Open) -> Drawn {
    Ok(view! { <Dialog open=open/> }.into_any())
}

/// A page: while its part is fetched, grey lines; when it cannot be, why, and what to do.
///
/// `fetch` gets the part unless it is there, and `draw` draws the page then.
pub(super) fn page<F: Future<Output = Fetched> + 'static, D: Future<Output = Drawn> + 'static>(
    fetch: impl Fn() -> F + Copy + Send + Sync + 'static,
    draw: impl Fn() -> D + Send + 'static,
) -> AnyView {
    let waiting = || view! { <div class="page"><Skeleton lines=6/></div> }.into_any();
    let failed = |again: Callback<()>| {
        view! {
            <div class="page">
                <Empty title=NOT_FETCHED>
                    <p>{WHY}</p>
                    <p class="actions">
                        <button type="button" class="button" on:click=move |_| again.run(()) data-test="fetch-again">"Try again"</button>
                        " "
                        <button type="button" class="button" on:click=move |_| reload()>"Reload the page"</button>
                    </p>
                </Empty>
            </div>
        }
        .into_any()
    };
    fetched(fetch, draw, waiting, failed)
}

/// The dialog that is open: while its part is fetched, nothing; when it cannot be, a dialog that says why.
pub(super) fn open_dialog(open: Open) -> AnyView {
    let dialogs = Dialogs::here();
    let failed = move |again: Callback<()>| {
        view! {
            <Modal title=NOT_FETCHED.to_owned() name="not-fetched" on_close=move || dialogs.closed()>
                <div class="content"><p>{WHY}</p></div>
                <footer>
                    <button type="button" class="button" on:click=move |_| reload()>"Reload the page"</button>
                    <button type="button" class="button primary" on:click=move |_| again.run(()) data-test="fetch-again">"Try again"</button>
                </footer>
            </Modal>
        }
        .into_any()
    };
    fetched(fetch_dialog, move || dialog(open.clone()), || ().into_any(), failed)
}

const NOT_FETCHED: &str = "This part of the page could not be fetched";
const WHY: &str = "The server does not answer, or it has been updated since this page was opened.";

fn fetched<F: Future<Output = Fetched> + 'static, D: Future<Output = Drawn> + 'static>(
    fetch: impl Fn() -> F + Copy + Send + Sync + 'static,
    draw: impl Fn() -> D + Send + 'static,
    waiting: impl Fn() -> AnyView + Send + 'static,
    failed: impl Fn(Callback<()>) -> AnyView + Send + 'static,
) -> AnyView {
    let state = state();
    let is_there = RwSignal::new(None::<bool>);
    let ask = move || {
        spawn_local(async move {
            let outcome = fetch().await;
            is_there.try_set(Some(outcome.is_ok()));
        });
    };
    // Asked again by itself when the server is back.
    Effect::new(move |_| {
        state.reconnected();
        if is_there.get_untracked() != Some(true) {
            ask();
        }
    });
    let shown = move || match is_there.get() {
        None => waiting(),
        Some(true) => match draw().now_or_never() {
            Some(Ok(view)) => view,
            Some(Err(_)) | None => ().into_any(),
        },
        Some(false) => failed(Callback::new(move |()| ask())),
    };
    shown.into_any()
}

fn reload() {
    let _ = window().location().reload();
}
