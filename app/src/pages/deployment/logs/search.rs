//! The search: what is looked for is marked, and keys lead from one hit to the next.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::feed::Feed;
use crate::components::SearchBox;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::slash::focus_on_slash;
use crate::words::numbers;

/// What is searched for, and the hit that was gone to.
#[derive(Clone, Copy)]
pub(super) struct Hits {
    pub(super) words: RwSignal<String>,
    /// The number of the row.
    pub(super) current: RwSignal<Option<i64>>,
}

impl Hits {
    /// Searches `feed` for what the address says.
    pub(super) fn new(feed: Feed) -> Self {
        let words = RwSignal::new(parameter("q").get_untracked());
        let hits = Self { words, current: RwSignal::new(None) };
        Effect::new(move |_| {
            let words = words.get();
            feed.book.update(|book| book.seek(&words));
            hits.current.set(None);
        });
        hits
    }

    /// Goes to the hit after the current one or before it, from the end to the beginning and back.
    pub(super) fn step(self, feed: Feed, forwards: bool) {
        let current = self.current.get_untracked();
        let next = feed.book.with_untracked(|book| {
            let hits = book.hits();
            match (current, forwards) {
                // At the beginning it is the newest: that is where one looks.
                (None, _) => hits.back().copied(),
                (Some(now), true) => hits.get(hits.partition_point(|hit| *hit <= now)).or(hits.front()).copied(),
                (Some(now), false) => {
                    let before = hits.partition_point(|hit| *hit < now);
                    before.checked_sub(1).and_then(|at| hits.get(at)).or(hits.back()).copied()
                }
            }
        });
        if next.is_some() {
            self.current.set(next);
        }
    }

    /// Which hit of how many.
    fn count(self, feed: Feed) -> String {
        if self.words.with(|words| words.trim().is_empty()) {
            return String::new();
        }
        feed.book.with(|book| match (book.hits().len(), self.current.get()) {
            (0, _) => "No matches in the lines shown".to_owned(),
            (all, None) => format!("{} found", numbers::whole(all as u64)),
            (all, Some(now)) => {
                let at = book.hits().partition_point(|hit| *hit <= now);
                format!("{} of {}", numbers::whole(at as u64), numbers::whole(all as u64))
            }
        })
    }
}

/// The box, the number of hits, and the ways to the next and the one before.
#[component]
pub(super) fn LogSearch(feed: Feed, hits: Hits) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    focus_on_slash(input);
    let note = parameter_setter("q");
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            hits.step(feed, !event.shift_key());
        }
    };
    let leave = move |_| note.run(hits.words.get_untracked().trim().to_owned());
    let none = move || feed.book.with(|book| book.hits().is_empty());
    view! {
        <div class="log-search" on:keydown=key on:change=leave>
            <SearchBox label="Search these lines" placeholder="Search these lines" typed=hits.words input=input key="/"/>
        </div>
        <span class="small second" role="status" data-test="log-hits">{move || hits.count(feed)}</span>
        <Show when=move || !none()>
            <span class="segments" role="group" aria-label="Matches">
                <button type="button" data-test="log-hit-before" title="Shift Enter in the search" on:click=move |_| hits.step(feed, false)>"Previous"</button>
                <button type="button" data-test="log-hit-next" title="Enter in the search" on:click=move |_| hits.step(feed, true)>"Next"</button>
            </span>
        </Show>
    }
}
