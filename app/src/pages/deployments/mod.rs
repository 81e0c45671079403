//! The dashboard: is anything wrong, is anything moving, does anything wait for me?

mod attention;
mod calm;
mod clock;
mod filters;
mod listing;
mod moving;
mod row;
mod section;
mod status_chips;
mod waits;

use domain::id::DeploymentId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::attention::Attention;
use self::calm::Calm;
use self::filters::{Filters, Head};
use self::listing::{Filter, OnPage, StatusCounts};
use self::moving::Moving;
use self::row::Row;
use self::status_chips::StatusChips;
use self::waits::Waits;
use super::dialogs::{Dialogs, Open};
use super::drawn::Drawn;
use super::page_title::entitle;
use super::query_answer::Trouble;
use crate::api::href;
use crate::components::{Empty, Glyph, Icon, Skeleton, WindowList};
use crate::state::{Listing, state};
use crate::words;

/// The dashboard.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Deployments".to_owned());
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(|query| Filter::read(|key| query.get(key))));
    Effect::new(move |_| state.order_by_traffic(filter.with(Filter::is_by_traffic)));
    on_cleanup(move || state.order_by_traffic(false));
    let counts = Memo::new(move |_| StatusCounts::of(&state.deployments()));
    let shown: Memo<OnPage> =
        Memo::new(move |_| filter.with(|filter| filter.apply(state.deployments(), |actor| state.actor_name(actor))));
    let part = move |read: fn(&OnPage) -> &Vec<DeploymentId>| {
        let ids = Memo::new(move |_| shown.with(|shown| read(shown).clone()));
        Signal::from(ids)
    };
    let (attention, moving, rows) = (part(|all| &all.attention), part(|all| &all.moving), part(|all| &all.rows));
    let total = move || state.deployment_count();
    let body = Memo::new(move |_| match state.listing() {
        Listing::Loading => Body::Loading,
        Listing::Failed(_) => Body::Failed,
        Listing::Ready if total() == 0 => Body::Nothing,
        Listing::Ready if rows.with(Vec::is_empty) => Body::NothingFits,
        Listing::First | Listing::Ready => Body::Rows,
    });
    let listed = move || matches!(body.get(), Body::Rows | Body::NothingFits);
    let count = move || {
        let (shown, total) = (rows.with(Vec::len), total());
        format!("{} of {}", words::numbers::whole(shown as u64), words::numbers::whole(total as u64))
    };
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Deployments"</h1>
                <Show when=listed><StatusChips counts=counts filter=filter/></Show>
                <span class="grow"></span>
                <button type="button" class="button primary" data-test="deploy" on:click=move |_| dialogs.open(Open::Deploy(None))>
                    <Glyph icon=Icon::Plus/>"Deploy"
                </button>
            </header>
            <Show when=listed><Filters filter=filter count=Signal::derive(count)/></Show>
            <Show when=move || matches!(body.get(), Body::Rows)>
                <Attention ids=attention/>
                <Waits/>
                <Moving ids=moving/>
                <Calm counts=counts wrong=attention moving=moving/>
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
                    <Empty title=filter.with(|filter| no_matches(&filter.words))>
                        <p>
                            {move || format!("Searched {} by name, model and person. ", words::count(total(), "deployment", "deployments"))}
                            <a href=href("/")>"Show all deployments"</a>
                        </p>
                    </Empty>
                }
                .into_any(),
                Body::Rows => view! {
                    <div class="table deployments" role="table" aria-label="Deployments" aria-rowcount=move || (rows.with(Vec::len) + 1).to_string()>
                        <Head filter=filter/>
                        <WindowList keys=rows row=move |id| view! { <Row id=id/> }/>
                    </div>
                }
                .into_any(),
            }}
        </Drawn>
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

/// The sentence of an empty list, with the words that were searched for.
fn no_matches(words: &str) -> String {
    match words.trim() {
        "" => "No deployment matches these filters".to_owned(),
        words => format!("No deployment matches “{words}”"),
    }
}

/// The first steps, where there is no deployment yet.
#[component]
fn NoDeployments() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Empty title="No deployment yet">
            <p>"A deployment is a fixed URL; the model behind it can change. Deploy a model to begin, or do it from a terminal:"</p>
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
