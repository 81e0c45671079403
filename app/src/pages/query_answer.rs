//! The answer to a query as a page shows it: drawn, awaited or refused.

use std::sync::Arc;

use leptos::prelude::*;

use crate::api::Failure;
use crate::components::{FailureBox, Skeleton};
use crate::state::{Connection, Query, state};

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

/// The failure of the last request, where it had one.
#[component]
pub(crate) fn Refused(#[prop(into)] failure: Signal<Option<Failure>>) -> impl IntoView {
    move || failure.get().map(|failure| view! { <Trouble failure=failure/> })
}

/// Draws what a query answered; until then a skeleton, and a failure where it failed.
#[component]
pub(crate) fn QueryAnswer<T, D>(
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
    view! {
        <Awaited query=query lines=lines/>
        {move || query.value().map(&draw)}
    }
}

/// What there is to say of a query while it has no answer, and when the last one failed: for a page that draws the answer
/// itself.
#[component]
pub(crate) fn Awaited<T>(
    query: Query<T>,
    /// Lines of the skeleton.
    #[prop(default = 3)]
    lines: usize,
) -> impl IntoView
where
    T: Send + Sync + PartialEq + 'static,
{
    let state = state();
    move || {
        // While the connection is lost, the strip at the top says so once for all parts of the page.
        let is_told = state.connection() == Connection::Lost;
        let failure = query.failure().filter(|failure| !is_told || *failure != Failure::Unreachable).map(|failure| {
            let retry = Callback::new(move |()| query.ask());
            view! { <Trouble failure=failure retry=retry/> }
        });
        let waiting = (failure.is_none() && query.value().is_none()).then(|| view! { <Skeleton lines=lines/> });
        view! { {failure}{waiting} }
    }
}
