//! The search and the filters of the history. Filters are kept in the address.

use domain::event::EventKind;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::components::{Choice, SearchBox};
use crate::state::state;

/// Kinds of entries that can be chosen, with what they are called.
const KINDS: [(EventKind, &str); 17] = [
    (EventKind::RolloutStarted, "Rollouts started"),
    (EventKind::RolloutMoved, "Progress of rollouts"),
    (EventKind::StatusChanged, "Status changes"),
    (EventKind::Scaled, "Autoscaling"),
    (EventKind::Deactivated, "Deactivations"),
    (EventKind::DeploymentChanged, "Settings changed"),
    (EventKind::RevisionQuarantined, "Revisions quarantined"),
    (EventKind::RevisionRemoved, "Revisions removed"),
    (EventKind::ConfigurationCreated, "Configurations created"),
    (EventKind::DeploymentCreated, "Deployments created"),
    (EventKind::DeploymentDeleted, "Deployments deleted"),
    (EventKind::UseCaseLinked, "Linked to use cases"),
    (EventKind::UseCaseUnlinked, "Taken out of use cases"),
    (EventKind::ModelRegistered, "Models registered"),
    (EventKind::ModelDeleted, "Models deleted"),
    (EventKind::CheckEnded, "Candidates checked"),
    (EventKind::StepTaken, "Steps of the engine"),
];

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HistoryFilter {
    /// A deployment's name; empty for all.
    pub(super) deployment: String,
    /// The id of a use case, for entries about its deployments; empty for all.
    pub(super) use_case: String,
    /// A kind of entry; empty for all.
    pub(super) kind: String,
}

impl HistoryFilter {
    /// Reads it from the parameters of the address.
    pub(super) fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key| parameter(key).unwrap_or_default();
        Self { deployment: given("deployment"), use_case: given("use_case"), kind: given("kind") }
    }

    fn address(&self) -> String {
        let mut parts = Vec::new();
        for (key, value) in [("deployment", &self.deployment), ("use_case", &self.use_case), ("kind", &self.kind)] {
            if !value.is_empty() {
                parts.push(format!("{key}={value}"));
            }
        }
        if parts.is_empty() { "/history".to_owned() } else { format!("/history?{}", parts.join("&")) }
    }
}

/// Search, deployment, kind, and how many entries are shown.
#[component]
pub(super) fn Filters(filter: Memo<HistoryFilter>, search: RwSignal<String>, count: Signal<String>) -> impl IntoView {
    let state = state();
    let navigate = use_navigate();
    let go = move |filter: HistoryFilter| {
        navigate(&filter.address(), NavigateOptions { replace: true, scroll: false, ..Default::default() });
    };
    let deployments = Signal::derive(move || {
        let mut names: Vec<String> = state.deployments().iter().map(|view| view.name.to_string()).collect();
        let chosen = filter.with(|filter| filter.deployment.clone());
        if !chosen.is_empty() && !names.contains(&chosen) {
            names.push(chosen);
        }
        names.sort();
        let all = (String::new(), "All deployments".to_owned());
        std::iter::once(all).chain(names.into_iter().map(|name| (name.clone(), name))).collect::<Vec<_>>()
    });
    let all = (String::new(), "All kinds".to_owned());
    let kinds = KINDS.map(|(kind, text)| (kind.to_string(), text.to_owned()));
    let kinds: Vec<_> = std::iter::once(all).chain(kinds).collect();
    let use_cases = Signal::derive(move || {
        let all = (String::new(), "All use cases".to_owned());
        let seen = state.use_case_names().into_iter().map(|(id, name)| (id.to_string(), name));
        let mut all: Vec<_> = std::iter::once(all).chain(seen).collect();
        let chosen = filter.with(|filter| filter.use_case.clone());
        if all.iter().all(|(id, _)| *id != chosen) {
            all.push((chosen, "a use case that you do not see".to_owned()));
        }
        all
    });
    let (choose_deployment, choose_kind) = (go.clone(), go.clone());
    let choose_use_case = StoredValue::new_local(go);
    view! {
        <div class="filters">
            <SearchBox label="Search the history" placeholder="Search by event or person…" typed=search/>
            <Choice
                label="Deployment"
                name="history-deployment"
                bare=true
                options=deployments
                value=Signal::derive(move || filter.with(|filter| filter.deployment.clone()))
                on_choose=move |deployment| choose_deployment(HistoryFilter { deployment, ..filter.get_untracked() })
            />
            <Show when=move || use_cases.with(|all| all.len() > 1)>
                <Choice
                    label="Use case"
                    name="history-use-case"
                    bare=true
                    options=use_cases
                    value=Signal::derive(move || filter.with(|filter| filter.use_case.clone()))
                    on_choose=move |use_case| choose_use_case.with_value(|go| go(HistoryFilter { use_case, ..filter.get_untracked() }))
                />
            </Show>
            <Choice
                label="Kind"
                name="history-kind"
                bare=true
                options=kinds
                value=Signal::derive(move || filter.with(|filter| filter.kind.clone()))
                on_choose=move |kind| choose_kind(HistoryFilter { kind, ..filter.get_untracked() })
            />
            <span class="grow"></span>
            <span class="sub" role="status">{count}</span>
        </div>
    }
}
