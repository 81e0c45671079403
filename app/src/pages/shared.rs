//! Pieces that several screens are made of.

use std::sync::Arc;

use domain::id::RevisionNumber;
use domain::observed::ReplicaState;
use domain::wire::{DeploymentView, ReplicaView};
use leptos::prelude::*;

use crate::api::Failure;
use crate::components::{FailureBox, Look, Skeleton, Square};
use crate::state::Query;
use crate::words;

/// Names the page in the window's title.
pub(crate) fn entitle(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&format!("{} · Changeover", title())));
}

/// A failure, as the server or the connection told it.
#[component]
pub(crate) fn Trouble(
    failure: Failure,
    /// Tries again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let (title, detail, code) = (failure.title(), failure.detail(), failure.code());
    match retry {
        Some(retry) => view! { <FailureBox title=title detail=detail code=code retry=retry/> }.into_any(),
        None => view! { <FailureBox title=title detail=detail code=code/> }.into_any(),
    }
}

/// Draws what a query answered; until then a skeleton, and a failure where it failed.
#[component]
pub(crate) fn Answer<T, D>(
    query: Query<T>,
    /// Draws the answer.
    draw: D,
    /// Lines of the skeleton.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView
where
    T: Send + Sync + PartialEq + 'static,
    D: Fn(Arc<T>) -> AnyView + Send + Sync + 'static,
{
    move || {
        let failure = query.failure().map(|failure| {
            let retry = Callback::new(move |()| query.ask());
            view! { <Trouble failure=failure retry=retry/> }
        });
        let drawn = query.value().map(&draw);
        let waiting = (drawn.is_none() && failure.is_none()).then(|| view! { <Skeleton lines=lines/> });
        view! { {failure}{drawn}{waiting} }
    }
}

/// A deployment's replicas as squares, those of the newest revision first.
pub(crate) fn squares(deployment: &DeploymentView) -> Vec<Square> {
    let Some(list) = &deployment.replica_list else { return Vec::new() };
    let mut replicas: Vec<&ReplicaView> = list.iter().collect();
    replicas.sort_by_key(|replica| {
        let newest = replica.revision == deployment.revision;
        (!newest, rank(replica.state), replica.started_at)
    });
    replicas.into_iter().map(|replica| square(replica, deployment.revision)).collect()
}

fn rank(state: ReplicaState) -> u8 {
    match state {
        ReplicaState::Ready => 0,
        ReplicaState::Unready => 1,
        ReplicaState::Unknown => 2,
        ReplicaState::Failed => 3,
        ReplicaState::Starting => 4,
        ReplicaState::Draining => 5,
        ReplicaState::Stopped => 6,
    }
}

fn square(replica: &ReplicaView, newest: RevisionNumber) -> Square {
    let look = match replica.state {
        ReplicaState::Ready if replica.revision == newest => Look::New,
        ReplicaState::Ready => Look::Old,
        ReplicaState::Starting => Look::Starting,
        ReplicaState::Draining | ReplicaState::Stopped => Look::Draining,
        ReplicaState::Failed => Look::Failed,
        ReplicaState::Unready => Look::Unready,
        ReplicaState::Unknown => Look::Unknown,
    };
    let (state, _) = words::replica(replica.state);
    let mut title = format!("{} · revision {} · {state}", replica.id, replica.revision);
    if replica.in_flight > 0 {
        title += &format!(" · {} in flight", replica.in_flight);
    }
    if let Some(problem) = &replica.problem {
        title += &format!(" · {problem}");
    }
    Square { id: replica.id.to_string(), look, title }
}

/// The replicas in a sentence, for people who do not see the squares.
pub(crate) fn replicas_said(deployment: &DeploymentView) -> String {
    let counts = deployment.replicas;
    let mut said = format!("{} of {} replicas ready", counts.ready, counts.desired);
    for (count, what) in [(counts.starting, "starting"), (counts.draining, "draining"), (counts.unready, "not ready")] {
        if count > 0 {
            said += &format!(", {count} {what}");
        }
    }
    said
}
