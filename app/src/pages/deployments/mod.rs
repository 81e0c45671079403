//! The dashboard: is anything wrong, is anything moving, does anything wait for me?

mod arranged;
mod attention;
mod calm;
mod choosing;
mod clock;
mod columns;
mod filters;
mod held_rows;
mod listing;
mod moving;
mod row;
mod section;
mod several;
mod several_bar;
mod several_dialog;
mod several_run;
mod status_chips;
mod steady;
#[cfg(test)]
mod tests;
mod views;
mod waits;

use domain::id::DeploymentId;
use domain::page_preferences::DeploymentsPage as Kept;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wasm_bindgen_futures::spawn_local;

use self::arranged::{Arranged, Hidden, PageEdit, columns};
use self::attention::Attention;
use self::calm::Calm;
use self::choosing::Choosing;
use self::columns::ColumnsChip;
use self::filters::{Filters, Head};
use self::held_rows::HeldRows;
use self::listing::{Filter, OnPage, StatusCounts};
use self::moving::Moving;
use self::row::Row;
use self::several_bar::{SeveralBar, SeveralProgress};
use self::several_dialog::SeveralDialogs;
pub(crate) use self::several_run::SeveralRun;
use self::status_chips::StatusChips;
use self::views::ViewsChip;
use self::waits::Waits;
use super::dialogs::{Dialogs, Open};
use super::drawn::Drawn;
use super::in_address::parameter_setter;
use super::page_title::entitle;
use super::query_answer::Trouble;
use crate::api::{self, Failure, href};
use crate::components::{Empty, Glyph, Icon, Skeleton, WindowList};
use crate::state::{Listing, Query, state};
use crate::words;

/// The dashboard.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    entitle(|| "Deployments".to_owned());
    let arrangement = Arrangement::here();
    let filter = arrangement.filter;
    Effect::new(move |_| state.order_by_traffic(filter.with(Filter::is_by_traffic)));
    on_cleanup(move || state.order_by_traffic(false));
    let counts = Memo::new(move |_| StatusCounts::of(&state.deployments()));
    let shown: Memo<OnPage> =
        Memo::new(move |_| filter.with(|filter| filter.apply(state.deployments(), |actor| state.actor_name(actor))));
    let part = move |read: fn(&OnPage) -> &Vec<DeploymentId>| {
        let ids = Memo::new(move |_| shown.with(|shown| read(shown).clone()));
        Signal::from(ids)
    };
    let (attention, moving, wanted) = (part(|all| &all.attention), part(|all| &all.moving), part(|all| &all.rows));
    let held = HeldRows::of(filter, wanted);
    let rows = Signal::from(held.rows);
    Choosing::provide(rows);
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
            <Show when=listed>
                <Filters filter=filter count=Signal::derive(count)>
                    <ViewsChip page=arrangement.kept now=arrangement.now edit=arrangement.edit failure=arrangement.failure/>
                    <ColumnsChip hidden=arrangement.hidden choose=arrangement.choose_columns/>
                </Filters>
            </Show>
            <Show when=move || matches!(body.get(), Body::Rows)>
                <Attention ids=attention/>
                <Waits/>
                <Moving ids=moving/>
                <Calm counts=counts wrong=attention moving=moving/>
            </Show>
            <SeveralProgress/>
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
                    <Empty title=filter.with(no_matches)>
                        <p>
                            {move || format!("Searched {} by name, model and person. ", words::count(total(), "deployment", "deployments"))}
                            <a href=href("/")>"Show all deployments"</a>
                        </p>
                    </Empty>
                }
                .into_any(),
                Body::Rows => view! {
                    <SeveralBar/>
                    <div
                        class="table deployments"
                        role="table"
                        aria-label="Deployments"
                        aria-rowcount=move || (rows.with(Vec::len) + 1).to_string()
                        data-hides=move || arrangement.hidden.with(hides)
                        on:pointerenter=move |event| held.entered(&event)
                        on:pointerleave=move |event| held.left(&event)
                        on:focusin=move |_| held.focused()
                        on:focusout=move |event| held.blurred(&event)
                    >
                        <Head filter=filter held=held/>
                        <WindowList keys=rows row=move |id| view! { <Row id=id/> }/>
                    </div>
                }
                .into_any(),
            }}
            <SeveralDialogs/>
        </Drawn>
    }
}

/// What is shown, as the address and whoever looks at the page say it.
#[derive(Clone, Copy)]
struct Arrangement {
    now: Memo<Arranged>,
    filter: Memo<Filter>,
    hidden: Memo<Hidden>,
    /// What is kept of the person.
    kept: Memo<Kept>,
    edit: Callback<PageEdit>,
    choose_columns: Callback<Hidden>,
    /// The reason why it could not be kept.
    failure: RwSignal<Option<Failure>>,
}

impl Arrangement {
    fn here() -> Self {
        let (state, address) = (state(), use_query_map());
        let query = Query::once(api::own::deployments_page);
        let kept = Memo::new(move |_| query.value().map(|page| (*page).clone()).unwrap_or_default());
        let now = Memo::new(move |_| {
            let own = kept.with(|page| page.hidden.clone());
            address.with(|address| Arranged::read(|key| address.get(key), &own))
        });
        let failure = RwSignal::new(None::<Failure>);
        let edit = Callback::new(move |edit: PageEdit| {
            failure.set(None);
            spawn_local(async move {
                // Another tab may have changed it since.
                let changed = async {
                    let mut page = api::own::deployments_page().await?;
                    edit.apply(&mut page);
                    api::own::arrange_deployments_page(&page).await
                };
                match changed.await {
                    Ok(()) => query.ask(),
                    Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
                }
            });
        });
        let write = parameter_setter("columns");
        let choose_columns = Callback::new(move |hidden: Hidden| {
            if address.with_untracked(|address| address.get("columns").is_some()) {
                write.run(columns(&hidden));
            } else {
                edit.run(PageEdit::Hide(hidden));
            }
        });
        Self {
            now,
            filter: Memo::new(move |_| now.with(|now| now.filter.clone())),
            hidden: Memo::new(move |_| now.with(|now| now.hidden.clone())),
            kept,
            edit,
            choose_columns,
            failure,
        }
    }
}

/// The columns that are left out, for the style sheet.
fn hides(hidden: &Hidden) -> String {
    hidden.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
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
fn no_matches(filter: &Filter) -> String {
    match (filter.unknown_status(), filter.words.trim()) {
        (Some(status), _) => format!("This link asks for the state “{status}”, which there is not any more"),
        (None, "") => "No deployment matches these filters".to_owned(),
        (None, words) => format!("No deployment matches “{words}”"),
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
