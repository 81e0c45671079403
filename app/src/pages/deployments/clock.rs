//! The time that a rollout in progress has left, and what happens when it is over.

use std::sync::Arc;

use domain::wire::DeploymentView;
use leptos::prelude::*;

use crate::state::{Connection, state};
use crate::words::{news, times};

/// Runs down once a second; nothing where no rollout is in progress. It stands while the connection is lost.
#[component]
pub(super) fn DeadlineClock(view: Memo<Option<Arc<DeploymentView>>>) -> impl IntoView {
    let state = state();
    let rollout = Memo::new(move |_| {
        view.with(|view| view.as_ref()?.newest_rollout.clone()).filter(|rollout| rollout.phase.is_active())
    });
    let text = Memo::new(move |before: Option<&Option<String>>| {
        if state.connection() == Connection::Lost {
            return before.cloned().flatten();
        }
        let rollout = rollout.get()?;
        let left = rollout.deadline_at.map(|at| times::seconds_until(at, state.now().get()));
        Some(news::deadline(&rollout, left))
    });
    move || text.get().map(|text| view! { <span class="clock" data-test="deadline">{text}</span> })
}
