//! An importance as bars, or as a filled mark: it has no colour, which is kept for state.

use domain::deployment::Importance;
use leptos::prelude::*;

/// The mark and, from *high* on, its word; the word alone is read aloud for the others.
#[component]
pub(crate) fn ImportanceMark(importance: Importance) -> impl IntoView {
    let word = importance.to_string();
    let bars = match importance {
        Importance::Critical => None,
        Importance::High => Some(3),
        Importance::Moderate => Some(2),
        Importance::Low => Some(1),
    };
    let drawn = match bars {
        None => view! {
            <path fill-rule="evenodd" d="M3 0h6a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3Zm2.2 2.4v4.4h1.6V2.4Zm0 5.6v1.6h1.6V8Z"></path>
        }
        .into_any(),
        Some(filled) => [("0", "8", "4"), ("4.2", "4.6", "7.4"), ("8.4", "1.2", "10.8")]
            .into_iter()
            .enumerate()
            .map(|(at, (x, y, height))| {
                let class = (at >= filled).then_some("none");
                view! { <rect class=class x=x y=y width="3" height=height rx="1"></rect> }
            })
            .collect_view()
            .into_any(),
    };
    let said = bars.is_some_and(|bars| bars < 3);
    view! {
        <span class=format!("importance {importance}") title=format!("importance: {importance}")>
            <svg viewBox="0 0 12 12" aria-hidden="true">{drawn}</svg>
            <span class:visually-hidden=said>{word}</span>
        </span>
    }
}
