//! The dashboard: is anything wrong, is anything moving, does anything wait for me?

mod listing;
mod row;

use domain::deployment::{Importance, Status};
use domain::id::DeploymentId;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use self::listing::{COLUMNS, Column, Filter, Glance};
use self::row::Row;
use super::dialogs::{Dialogs, Open};
use super::shared::Trouble;
use crate::api;
use crate::components::{Choice, Empty, Glyph, Icon, Skeleton, WindowList};
use crate::state::{Connection, Listing, state};
use crate::words;

/// The dashboard.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
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
                        <p>"No deployment fits what is searched and filtered for. "<a href="/">"Show all of them"</a></p>
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

/// What moves, what is dead, what could be better: each a filter.
#[component]
fn GlanceLine(glance: Memo<Glance>, filter: Memo<Filter>) -> impl IntoView {
    let item = move |key: &'static str,
                     count: fn(&Glance) -> usize,
                     what: &'static str,
                     tone: &'static str,
                     always: bool| {
        let chosen = move || filter.with(|filter| filter.status.as_deref() == Some(key));
        let href = move || if chosen() { "/".to_owned() } else { format!("/?status={key}") };
        let number = Memo::new(move |_| glance.with(count));
        move || {
            (always || number.get() > 0 || chosen()).then(|| {
                let tone = if number.get() > 0 { tone } else { "" };
                view! {
                    <a href=href class="glance-item" aria-current=move || chosen().then_some("true") data-test=format!("glance-{key}")>
                        <b class=tone>{words::numbers::whole(number.get() as u64)}</b>
                        {what}
                    </a>
                }
            })
        }
    };
    view! {
        <div class="glance">
            {item("moving", |glance| glance.moving, "moving", "moving", true)}
            {item("dead", |glance| glance.dead, "dead", "bad", true)}
            {item("unhealthy", |glance| glance.unhealthy, "not ready", "warning", false)}
            {item("running", |glance| glance.running, "running", "", true)}
            {item("outdated", |glance| glance.outdated, "newer model", "moving", false)}
        </div>
    }
}

/// Search, filters and how many are left. Everything is kept in the address, so that a view can be shared.
#[component]
fn Filters(filter: Memo<Filter>, said: Signal<String>) -> impl IntoView {
    let set = query_setter();
    let search = NodeRef::<html::Input>::new();
    let slash = window_event_listener(ev::keydown, move |event| {
        let typing = document()
            .active_element()
            .is_some_and(|element| element.matches("input, textarea, select, dialog *").unwrap_or(false));
        if event.key() == "/"
            && !typing
            && !event.ctrl_key()
            && !event.meta_key()
            && let Some(search) = search.get_untracked()
        {
            event.prevent_default();
            let _ = search.focus();
        }
    });
    on_cleanup(move || slash.remove());
    let typed = RwSignal::new(filter.with_untracked(|filter| filter.words.clone()));
    // A link may have changed what is searched for.
    Effect::new(move |_| {
        let words = filter.with(|filter| filter.words.clone());
        if words.trim() != typed.with_untracked(|typed| typed.trim().to_owned()) {
            typed.set(words);
        }
    });
    let any = |what: &str| (String::new(), what.to_owned());
    let known = |status: Status| (api::word(&status), words::status(status).0.to_owned());
    let mut statuses = vec![any("Any status"), ("moving".to_owned(), "moving".to_owned())];
    statuses.extend(
        [Status::Running, Status::Dead, Status::Pending, Status::Stopping, Status::Stopped, Status::Unknown].map(known),
    );
    statuses.push(("unhealthy".to_owned(), "replicas not ready".to_owned()));
    statuses.push(("outdated".to_owned(), "newer model exists".to_owned()));
    let mut importances = vec![any("Any importance")];
    importances.extend(
        [Importance::Critical, Importance::High, Importance::Moderate, Importance::Low]
            .map(|importance| (api::word(&importance), words::importance(importance).0.to_owned())),
    );
    let sorts: Vec<_> = COLUMNS
        .into_iter()
        .map(|column| (column.key().to_owned(), format!("By {}", column.title().to_lowercase())))
        .collect();
    let (set_words, set_status, set_importance, set_sort) = (set.clone(), set.clone(), set.clone(), set);
    view! {
        <div class="filters" role="search">
            <div class="search">
                <Glyph icon=Icon::Search/>
                <input
                    node_ref=search
                    type="search"
                    aria-label="Search deployments"
                    placeholder="Search by name, model, person…"
                    data-test="search"
                    prop:value=move || typed.get()
                    on:input:target=move |event| {
                        typed.set(event.target().value());
                        set_words("q", &event.target().value());
                    }
                />
                <kbd>"/"</kbd>
            </div>
            <Choice
                label="Status"
                name="filter-status"
                bare=true
                options=statuses
                value=Signal::derive(move || filter.with(|filter| filter.status.clone().unwrap_or_default()))
                on_choose=move |value| set_status("status", &value)
            />
            <Choice
                label="Importance"
                name="filter-importance"
                bare=true
                options=importances
                value=Signal::derive(move || filter.with(|filter| filter.importance.clone().unwrap_or_default()))
                on_choose=move |value| set_importance("importance", &value)
            />
            <div class="only-narrow">
                <Choice
                    label="Order"
                    name="order"
                    bare=true
                    options=sorts
                    value=Signal::derive(move || filter.with(|filter| filter.sort.column.key().to_owned()))
                    on_choose=move |value| set_sort("sort", &value)
                />
            </div>
            <span class="grow"></span>
            <span class="sub" role="status" data-test="shown">{said}</span>
        </div>
    }
}

/// The column titles, by which the list is sorted.
#[component]
fn Head(filter: Memo<Filter>) -> impl IntoView {
    let set = query_setter();
    let cell = move |column: Column| {
        let set = set.clone();
        let sorted = move || filter.with(|filter| (filter.sort.column == column).then_some(filter.sort.descending));
        let aria = move || match sorted() {
            Some(true) => "descending",
            Some(false) => "ascending",
            None => "none",
        };
        let choose = move |_| {
            let next = filter.with_untracked(|filter| filter.sort.toggled(column));
            set("sort", &next.written());
        };
        view! {
            <div role="columnheader" class=format!("cell {}", column.key()) aria-sort=aria>
                <button type="button" class="sort" on:click=choose data-test=format!("sort-{}", column.key())>
                    {column.title()}
                    <span class="direction" aria-hidden="true">
                        {move || match sorted() { Some(true) => "↓", Some(false) => "↑", None => "" }}
                    </span>
                </button>
            </div>
        }
    };
    let plain = |class: &'static str, title: &'static str| {
        view! { <div role="columnheader" class=format!("cell {class}")>{title}</div> }
    };
    view! {
        <div class="table-head" role="rowgroup">
            <div class="table-row" role="row" aria-rowindex="1">
                {cell(Column::Name)}{cell(Column::Status)}{cell(Column::Model)}
                {plain("replicas", "Replicas")}{cell(Column::Requests)}{plain("hour", "Last hour")}{cell(Column::P95)}
                {cell(Column::Errors)}{cell(Column::Changed)}
                <div role="columnheader" class="cell menu-cell"><span class="visually-hidden">"Actions"</span></div>
            </div>
        </div>
    }
}

/// Sets one parameter of the address without leaving a trace in the browser's history.
fn query_setter() -> impl Fn(&str, &str) + Clone + 'static {
    let (navigate, location) = (use_navigate(), use_location());
    move |key: &str, value: &str| {
        let mut query: ParamsMap = location.query.get_untracked();
        query.remove(key);
        if !value.is_empty() {
            query.insert(key.to_owned(), value.to_owned());
        }
        let path = location.pathname.get_untracked();
        let options = NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() };
        navigate(&format!("{path}{}", query.to_query_string()), options);
    }
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
