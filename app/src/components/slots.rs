//! Places of replicas in a row: each keeps its column, and what stands in it has a shape of its own.

use leptos::prelude::*;

use super::Appearance;

/// A place in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlotSquare {
    /// The replica in it; empty where there is none.
    pub(crate) id: String,
    /// What stands there; none where nothing ever does.
    pub(crate) appearance: Option<Appearance>,
    /// Requests that it finishes.
    pub(crate) requests: u32,
    /// The text on hover.
    pub(crate) title: String,
}

/// A row of places. A place is drawn once and only changes what it looks like.
#[component]
pub(crate) fn Slots(
    #[prop(into)] squares: Signal<Vec<SlotSquare>>,
    /// All of them in a sentence.
    #[prop(into)]
    label: Signal<String>,
    /// Names the row in tests, and its colours.
    row: &'static str,
) -> impl IntoView {
    let count = Memo::new(move |_| squares.with(Vec::len));
    let slot = move |at: usize| {
        let square = Memo::new(move |_| squares.with(|squares| squares.get(at).cloned()));
        let look = move || {
            square.with(|square| {
                square.as_ref().and_then(|square| square.appearance).map_or("nothing", Appearance::class)
            })
        };
        let requests = move || square.with(|square| square.as_ref().map_or(0, |square| square.requests));
        view! {
            <i
                class=look
                title=move || square.with(|square| square.as_ref().map(|square| square.title.clone()))
                data-test="replica"
                data-column=at.to_string()
                data-id=move || square.with(|square| square.as_ref().map(|square| square.id.clone()))
                data-appearance=look
            >
                {move || Some(requests()).filter(|requests| *requests > 0 && look() == "draining")}
            </i>
        }
    };
    view! {
        <span class=format!("slots {row}") role="img" aria-label=label data-test=format!("row-{row}")>
            {move || (0..count.get()).map(slot).collect_view()}
        </span>
    }
}
