//! The page of one deployment: its state, its rollouts, and its actions.

mod access_tab;
mod callers;
mod charts;
mod checking;
mod configurations_tab;
mod consumer;
mod controls;
mod facts;
mod header;
mod in_use;
mod keys;
mod live_now;
mod logs;
mod measured;
mod metrics_tab;
mod model_history;
mod outcome;
mod overview;
mod record_filters;
mod record_opened;
mod record_row;
mod recording;
mod replicas;
mod report;
mod requests_tab;
mod revisions;
mod rollout_card;
mod rollouts_tab;
mod round_lines;
mod settings_tab;
mod sides;
mod statistics;
mod subject;
mod token_made;
mod traffic;
mod try_tab;
mod waiting;

use domain::access::Role;
use domain::id::{DeploymentId, DeploymentName};
use domain::wire::RolloutView;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::access_tab::AccessTab;
use self::configurations_tab::ConfigurationsTab;
use self::consumer::ConsumerPage;
use self::header::Header;
use self::logs::LogsTab;
use self::metrics_tab::MetricsTab;
use self::overview::Overview;
use self::requests_tab::RequestsTab;
use self::rollouts_tab::RolloutsTab;
use self::settings_tab::SettingsTab;
use self::subject::Subject;
use self::try_tab::TryTab;
use self::waiting::Waiting;
use super::page_title::entitle;
use super::query_answer::Trouble;
use crate::api::{self, href};
use crate::components::{Empty, Skeleton, Tabs};
use crate::state::{Connection, Listing, Query, state};

/// Milliseconds between two looks at the receipt of a rollout in progress.
const RECEIPT_MS: u32 = 1_000;

/// The page at `/deployments/{name}`.
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    let state = state();
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    entitle(move || name.get());
    let id = Memo::new(move |_| {
        let name: DeploymentName = name.get().parse().ok()?;
        state.id_of(&name)
    });
    view! {
        <div class="page drawn" class:old=move || state.connection() == Connection::Lost>
            {move || match (id.get(), state.listing()) {
                (Some(id), _) => view! { <Detail id=id/> }.into_any(),
                (None, Listing::Loading | Listing::First) => view! { <div class="card"><Skeleton lines=6/></div> }.into_any(),
                (None, Listing::Failed(failure)) => view! { <Trouble failure=failure/> }.into_any(),
                (None, Listing::Ready) => view! {
                    <Empty title=format!("There is no deployment {}", name.get())>
                        <p>"It may have been deleted: see the "<a href=href("/history")>"history"</a>". "<a href=href("/")>"All deployments"</a></p>
                    </Empty>
                }
                .into_any(),
            }}
        </div>
    }
}

#[component]
fn Detail(id: DeploymentId) -> impl IntoView {
    let state = state();
    state.touch(id.clone());
    state.look_closely_at(&id);
    let live = Memo::new({
        let id = id.clone();
        move |_| state.deployment(&id)
    });
    let Some(first) = live.get_untracked() else { return ().into_any() };
    let name = first.name.clone();
    let (asked, touched) = (name.clone(), id.clone());
    let rollout = Query::whenever(
        move || state.touches(&touched),
        move || newest(asked.clone(), live.get_untracked().and_then(|view| view.rollout)),
    );
    // The receipt of a rollout in progress grows without events.
    rollout.ask_every(RECEIPT_MS, move || {
        rollout.is(|newest| newest.as_ref().is_some_and(|newest| newest.phase.is_active()))
    });
    let subject = Subject::new(&first, live, rollout);
    let view = subject.view;
    provide_context(subject);

    let query = use_query_map();
    let tab = Memo::new(move |_| query.with(|query| query.get("tab").unwrap_or_else(|| "overview".to_owned())));
    let at = |tab: &str| href(&format!("/deployments/{name}{tab}"));
    let tabs = vec![
        ("overview", "Overview", at("")),
        ("metrics", "Metrics", at("?tab=metrics")),
        ("logs", "Logs", at("?tab=logs")),
        ("requests", "Requests", at("?tab=requests")),
        ("rollouts", "Rollouts", at("?tab=rollouts")),
        ("configurations", "Configurations", at("?tab=configurations")),
        ("access", "Access", at("?tab=access")),
        ("settings", "Settings", at("?tab=settings")),
    ];
    let consumes =
        Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.role == Some(Role::Consumer))));
    let tabs = StoredValue::new(tabs);
    let whole = move || {
        view! {
            <Header/>
            <Waiting/>
            <Tabs tabs=tabs.get_value() chosen=tab/>
            {move || match tab.get().as_str() {
                "metrics" => view! { <MetricsTab/> }.into_any(),
                "configurations" => view! { <ConfigurationsTab/> }.into_any(),
                "rollouts" => view! { <RolloutsTab/> }.into_any(),
                "requests" => view! { <RequestsTab/> }.into_any(),
                "logs" => view! { <LogsTab/> }.into_any(),
                "access" => view! { <AccessTab/> }.into_any(),
                "settings" => view! { <SettingsTab/> }.into_any(),
                "try" => view! { <TryTab/> }.into_any(),
                _ => view! { <Overview/> }.into_any(),
            }}
        }
    };
    (move || if consumes.get() { view! { <ConsumerPage/> }.into_any() } else { whole().into_any() }).into_any()
}

/// The rollout in progress, else the last one.
async fn newest(
    name: DeploymentName,
    in_progress: Option<domain::id::RolloutNumber>,
) -> Result<Option<RolloutView>, api::Failure> {
    let number = match in_progress {
        Some(number) => Some(number),
        None => api::rollouts::list(&name, 1).await?.first().map(|rollout| rollout.number),
    };
    match number {
        Some(number) => api::rollouts::read(&name, number).await.map(Some),
        None => Ok(None),
    }
}
