//! The dashboard: is anything wrong, is anything moving, does anything wait for me?

mod filters;
mod listing;
mod row;
mod status_chips;

use domain::id::DeploymentId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::filters::{Filters, Head};
use self::listing::{Filter, StatusCounts};
use self::row::Row;
use self::status_chips::StatusChips;
use super::dialogs::{Dialogs, Open};
use super::page_title::entitle;
use super::query_answer::Trouble;
use crate::api::href;
use crate::components::{Empty, Skeleton, WindowList};
use crate::state::{Connection, Listing, state};
use crate::words;

/// The dashboard.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Deployments".to_owned());
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|query| Filter::read(|key| query.get(key))));
    let counts = Memo::new(move |_| StatusCounts::of(&state.deployments()));
    let shown: Memo<Vec<DeploymentId>> =
        Memo::new(move |_| filter.with(|filter| filter.apply(state.deployments(), |actor| state.actor_name(actor))));
    let total = move || state.deployment_count();
    let body = Memo::new(move |_| match state.listing() {
        Listing::Loading => Body::Loading,
        Listing::Failed(_) => Body::Failed,
        Listing::Ready if total() == 0 => Body::Nothing,
        Listing::Ready if shown.with(Vec::is_empty) => Body::NothingFits,
        Listing::Ready => Body::Rows,
    });
    let count = move || {
        let (shown, total) = (shown.with(Vec::len), total());
        format!("{} of {}", words::numbers::whole(shown as u64), words::numbers::whole(total as u64))
    };
    view! {
        <div class="page" class:old=move || state.connection() == Connection::Lost>
            <header class="page-head">
                <h1>"Deployments"</h1>
                <span class="grow"></span>
                <button type="button" class="button primary" data-test="deploy" on:click=move |_| dialogs.open(Open::Deploy(None))>
                    "Deploy a model"
                </button>
            </header>
            <Show when=move || !matches!(body.get(), Body::Nothing | Body::Failed | Body::Loading)>
                <StatusChips counts=counts filter=filter/>
                <Filters filter=filter count=Signal::derive(count)/>
            </Show>
            {move || match body.get() {
                Body::Loading => view! { <div class="table"><Skeleton lines=6/></div> }.into_any(),
                Body::Failed => match state.listing() {
                    Listing::Failed(failure) => {
                        let retry = Callback::new(move |()| state.reread_all());
                        view! { <Trouble failure=failure retry=retry/> }.into_any()
                    }
                    _ => ().into_any(),
                },
                Body::Nothing => view! { <NoDeployments/> }.into_any(),
                Body::NothingFits => view! {
                    <Empty title="No deployment matches">
                        <p>"Change the search or the filters. "<a href=href("/")>"Show all deployments"</a></p>
                    </Empty>
                }
                .into_any(),
                Body::Rows => view! {
                    <div class="table deployments" role="table" aria-label="Deployments" aria-rowcount=move || (shown.with(Vec::len) + 1).to_string()>
                        <Head filter=filter/>
                        <WindowList keys=shown row=move |id| view! { <Row id=id/> }/>
                    </div>
                }
                .into_any(),
            }}
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Loading,
    Failed,
    Nothing,
    NothingFits,
    Rows,
}

/// The first steps, where there is no deployment yet.
#[component]
fn NoDeployments() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No deployment yet">
            <p>"A deployment is an inference URL that stays the same while the model behind it is replaced. Drop an ONNX file to begin, or do it from a terminal:"</p>
            <pre class="commands" tabindex="0"><code>
"changeover model register iris iris.onnx
changeover deploy iris --file iris.json"
            </code></pre>
            <p class="sub"><code>"iris.json"</code>" holds at least "<code>"{\"models\":[\"iris@1\"],\"replicas\":2}"</code></p>
            <button type="button" class="button primary" data-test="deploy-first" on:click=move |_| dialogs.open(Open::Deploy(None))>
                "Deploy a model"
            </button>
        </Empty>
    }
}
