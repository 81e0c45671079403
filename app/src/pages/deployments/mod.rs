//! The dashboard: is anything wrong, is anything moving, does anything wait for me?

mod filters;
mod glance_line;
mod listing;
mod row;

use domain::id::DeploymentId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::filters::{Filters, Head};
use self::glance_line::GlanceLine;
use self::listing::{Filter, Glance};
use self::row::Row;
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
    let glance = Memo::new(move |_| Glance::of(&state.deployments()));
    let shown: Memo<Vec<DeploymentId>> = Memo::new(move |_| filter.with(|filter| filter.apply(state.deployments())));
    let total = move || state.deployment_count();
    let body = Memo::new(move |_| match state.listing() {
        Listing::Loading => Body::Loading,
        Listing::Failed(_) => Body::Failed,
        Listing::Ready if total() == 0 => Body::Nothing,
        Listing::Ready if shown.with(Vec::is_empty) => Body::NothingFits,
        Listing::Ready => Body::Rows,
    });
    let said = move || {
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
                <GlanceLine glance=glance filter=filter/>
                <Filters filter=filter said=Signal::derive(said)/>
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
                Body::Nothing => view! { <First/> }.into_any(),
                Body::NothingFits => view! {
                    <Empty title="Nothing fits">
                        <p>"No deployment fits what is searched and filtered for. "<a href=href("/")>"Show all of them"</a></p>
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

/// What to do where no deployment is yet.
#[component]
fn First() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No deployment yet">
            <p>"A deployment is a URL that stays while the model behind it is replaced. Drop an ONNX file to begin, or do it from a terminal:"</p>
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
