//! Use cases: what belongs together, with the deployments of each.

mod form;
mod link;
mod one;
mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::UseCaseId;
use domain::principal::ServerRole;
use domain::wire::UseCaseView;
use leptos::prelude::*;

use self::form::UseCaseDialog;
use self::standing::{Numbers, Standing, by_use_case};
use super::drawn::{Drawn, lost_connection};
use super::in_address::{dialog_setter, parameter};
use super::page_title::entitle;
use super::query_answer::QueryAnswer;
use crate::api::{self, href};
use crate::components::{Glyph, Icon};
use crate::state::{Query, State, state};
use crate::words::count;
use crate::words::requests::joined;

pub(crate) use link::LinkDialog;
pub(crate) use one::UseCasePage;

/// The page at `/use-cases`.
#[component]
pub(crate) fn UseCasesPage() -> impl IntoView {
    let state = state();
    entitle(|| "Use cases".to_owned());
    let query = Query::whenever(move || state.requests_changed(), api::use_cases::list);
    let (dialog, set_dialog) = (parameter("dialog"), dialog_setter());
    let standing = Memo::new(move |_| by_use_case(&state.deployments()));
    let draw = move |all: Arc<Vec<UseCaseView>>| {
        if all.is_empty() {
            return view! { <Nothing/> }.into_any();
        }
        let rows = all.iter().cloned().map(|view| view! { <UseCaseRow view=view standing=standing/> }).collect_view();
        view! {
            <div class="grid-table" role="list" aria-label="Use cases">
                <div class="grid-row grid-head use-case-row" aria-hidden="true">
                    <span>"Name"</span><span>"Deployments"</span><span>"Rules"</span>
                </div>
                {rows}
            </div>
        }
        .into_any()
    };
    view! {
        <Drawn>
            <header class="page-head">
                <h1>"Use cases"</h1>
                <span class="grow"></span>
                <Show when=move || may_make(state)>
                    <button
                        type="button"
                        class="button primary"
                        data-test="new-use-case"
                        disabled=move || lost_connection().is_some()
                        on:click=move |_| set_dialog.run("new".to_owned())
                    >
                        <Glyph icon=Icon::Plus/>"New use case"
                    </button>
                </Show>
            </header>
            <QueryAnswer query=query lines=6 draw=draw/>
            {move || (dialog.get() == "new").then(|| view! { <UseCaseDialog view=None on_close=move || set_dialog.run(String::new())/> })}
        </Drawn>
    }
}

/// True for whoever may make a use case.
fn may_make(state: State) -> bool {
    state.session().is_some_and(|session| session.server_role >= ServerRole::Editor)
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="panel nothing" data-test="empty">
            <Glyph icon=Icon::UseCases/>
            <b>"No use case yet"</b>
            <p>"A use case says which deployments belong together: for one product, one team, one question. Make one, and link deployments to it from their menus. Policies and freezes can be for a use case. You see those that you made, and those of which you may open a deployment."</p>
        </div>
    }
}

#[component]
fn UseCaseRow(view: UseCaseView, standing: Memo<BTreeMap<UseCaseId, Numbers>>) -> impl IntoView {
    let id = view.id.clone();
    let numbers = Memo::new(move |_| standing.with(|all| all.get(&id).copied().unwrap_or_default()));
    let rules = rules(&view);
    let address = href(&format!("/use-cases/{}", view.id));
    let (name, description) = (view.name.clone(), view.description);
    view! {
        <div class="grid-row use-case-row" role="listitem" data-test="use-case" data-name=view.name>
            <div>
                <a class="row-link" href=address><bdi>{name}</bdi></a>
                <span class="sub cut second-line" title=description.clone()>{description.clone()}</span>
            </div>
            <div>
                <span data-test="linked">{move || match numbers.get().iter().sum::<usize>() {
                    0 => "none that you may open".to_owned(),
                    some => count(some, "deployment", "deployments"),
                }}</span>
                <Standing numbers=numbers/>
            </div>
            <div class="sub">{rules}</div>
        </div>
    }
}

/// The policies and freezes that name it, in a few words.
fn rules(view: &UseCaseView) -> String {
    let policies = view.policies.iter().map(|policy| policy.name.clone());
    let freezes = view.freezes.iter().map(|freeze| freeze.name.clone());
    match joined(&policies.chain(freezes).collect::<Vec<_>>(), "and") {
        none if none.is_empty() => "no policy, no freeze".to_owned(),
        names => names,
    }
}
