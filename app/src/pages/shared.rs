//! Pieces that several screens are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::deployment::OnFailure;
use domain::id::RevisionNumber;
use domain::replica::ReplicaState;
use domain::wire::{DeploymentView, ReplicaView, RevisionView};
use leptos::prelude::*;

use crate::api::{self, Failure};
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

/// One of a deployment's revisions, where they have been read.
pub(crate) fn revision_of(view: &DeploymentView, number: RevisionNumber) -> Option<&RevisionView> {
    view.revision_list.iter().flatten().find(|revision| revision.number == number)
}

/// Every failure policy to choose from; the deployment's own is marked where it is told.
pub(crate) fn policies(default: Option<OnFailure>) -> Vec<(String, String)> {
    let option = |policy: OnFailure| {
        let mark = if default == Some(policy) { " (as the deployment says)" } else { "" };
        (api::word(&policy), format!("{}{mark}", words::on_failure(policy)))
    };
    POLICIES.map(option).to_vec()
}

/// The failure policy with this word.
pub(crate) fn policy_called(word: &str) -> Option<OnFailure> {
    POLICIES.into_iter().find(|policy| api::word(policy) == word)
}

const POLICIES: [OnFailure; 3] = [OnFailure::Revert, OnFailure::Stop, OnFailure::Dead];

/// `KEY=value` lines, or which line is none.
pub(crate) fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| match line.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
            _ => Err(format!("line {}: write KEY=value", i + 1)),
        })
        .collect()
}

/// The lines that [`pairs`] reads.
pub(crate) fn lines_of(pairs: &BTreeMap<String, String>) -> String {
    pairs.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
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
    if let Some(doing) = &replica.doing {
        title += &format!(" · {doing}");
    }
    if !replica.gpus.is_empty() {
        title += &format!(" · {}", words::gpus(&replica.gpus));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_read_back_and_a_line_that_is_none_is_named() {
        let read = pairs("A=1\n\n B =x=y\n").unwrap();
        assert_eq!(read.get("B").map(String::as_str), Some("x=y"));
        assert_eq!(pairs(&lines_of(&read)), Ok(read));
        assert_eq!(pairs("A=1\nnonsense"), Err("line 2: write KEY=value".to_owned()));
    }
}
