//! Replicas as squares.

use leptos::prelude::*;

/// The appearance of a square. Each has a shape of its own, not only a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Appearance {
    /// Ready, of the revision before.
    Old,
    /// Ready, of the newest revision.
    New,
    /// Not ready yet.
    Starting,
    /// Finishing its last requests, or ending.
    Draining,
    /// Ended by itself.
    Failed,
    /// Fails its health route.
    Unready,
    /// Not seen.
    Unknown,
    /// It has left its place.
    Gone,
    /// One is still to come.
    Planned,
}

impl Appearance {
    /// The class that style sheets know it by.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Starting => "starting",
            Self::Draining => "draining",
            Self::Failed => "failed",
            Self::Unready => "unready",
            Self::Unknown => "unknown",
            Self::Gone => "gone",
            Self::Planned => "planned",
        }
    }
}

/// One replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Square {
    /// Names it in tests.
    pub(crate) id: String,
    /// Its appearance.
    pub(crate) appearance: Appearance,
    /// The text on hover.
    pub(crate) title: String,
}

/// The squares, at most `most` of them, and how many more there are.
#[component]
pub(crate) fn Squares(
    #[prop(into)] squares: Signal<Vec<Square>>,
    /// All of them in a sentence.
    #[prop(into)]
    label: Signal<String>,
    #[prop(default = 18)] most: usize,
) -> impl IntoView {
    let shown = move || squares.with(|squares| squares.iter().take(most).cloned().collect::<Vec<_>>());
    let more = move || squares.with(|squares| squares.len().saturating_sub(most));
    view! {
        <div class="squares" role="img" aria-label=label>
            <For each=shown key=Square::clone let:square>
                <i
                    class=square.appearance.class()
                    title=square.title
                    data-test="replica"
                    data-id=square.id
                    data-appearance=square.appearance.class()
                ></i>
            </For>
            {move || (more() > 0).then(|| view! { <span class="sub">{format!("+{}", more())}</span> })}
        </div>
    }
}
