//! The revision that a question is about.

use domain::id::{DeploymentId, RevisionNumber};
use domain::wire::{DeploymentView, RevisionView};
use leptos::prelude::*;

use crate::components::Skeleton;
use crate::state::state;

/// One of a deployment's revisions, where they have been read.
pub(super) fn revision_of(view: &DeploymentView, number: RevisionNumber) -> Option<&RevisionView> {
    view.revision_list.iter().flatten().find(|revision| revision.number == number)
}

/// Draws a question about a revision once it is known; the dashboard's list comes without revisions.
#[component]
pub(super) fn AboutRevision(
    id: DeploymentId,
    number: RevisionNumber,
    /// Draws the question.
    draw: impl Fn(RevisionView) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let state = state();
    state.touch(id.clone());
    let view = Memo::new(move |_| state.deployment(&id));
    // A question stays as it was asked while its answer is on the way.
    let found = Memo::new(move |before: Option<&Option<Option<RevisionView>>>| match before {
        Some(Some(Some(known))) => Some(Some(known.clone())),
        _ => view.with(|view| {
            let view = view.as_deref().filter(|view| view.revision_list.is_some())?;
            Some(revision_of(view, number).cloned())
        }),
    });
    move || match found.get() {
        None => view! { <div class="content"><Skeleton lines=2/></div> }.into_any(),
        Some(None) => view! {
            <div class="content"><p>{format!("There is no revision {number}. It may have been removed.")}</p></div>
        }
        .into_any(),
        Some(Some(revision)) => draw(revision),
    }
}
