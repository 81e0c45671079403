//! What has been read of the history: the newest, which waits while somebody reads further down, and earlier on demand.

use std::collections::HashSet;

use domain::id::{DeploymentId, Seq};
use domain::wire::{HistoryGroup, HistoryPage};
use gloo_timers::future::TimeoutFuture;
use jiff::Timestamp;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::filter::HistoryFilter;
use crate::api::{self, Failure};
use crate::state::{Query, State, state};

/// Groups that one question brings.
const PAGE: u32 = 100;
/// Questions that are asked one after the other while nothing is found.
const IN_A_ROW: usize = 10;
/// Milliseconds between two looks at the newest, while much happens.
const AGAIN_MS: u32 = 400;
/// Pixels from the top of the page within which new entries appear by themselves.
const TOP: f64 = 80.0;

type Told = HistoryPage<HistoryGroup>;

/// The groups without gaps, newest first.
#[derive(Clone, Copy)]
pub(super) struct Read {
    state: State,
    filter: Memo<HistoryFilter>,
    /// The newest page, and what it was asked for.
    pub(super) newest: Query<(HistoryFilter, Told)>,
    /// Everything that was read.
    pub(super) told: RwSignal<Told>,
    /// The newest page, while it waits to be shown, and how many entries it brings.
    pub(super) waiting: RwSignal<Option<(usize, Told)>>,
    /// Earlier entries are on their way.
    pub(super) loading: RwSignal<bool>,
    /// The failure to read earlier entries.
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Read {
    /// Reads what `filter` shows, again when that changes or something happens.
    pub(super) fn new(filter: Memo<HistoryFilter>) -> Self {
        let state = state();
        let asked = StoredValue::new(None::<HistoryFilter>);
        let newest = Query::whenever(
            move || (filter.track(), state.history_changed()),
            move || async move {
                let before = asked.try_get_value().flatten();
                if before.is_some() && before == filter.try_get_untracked() {
                    TimeoutFuture::new(AGAIN_MS).await;
                }
                let wanted = filter.try_get_untracked().unwrap_or_default();
                let again = before.as_ref() == Some(&wanted);
                let page = page(&wanted, None, if again { 1 } else { IN_A_ROW }).await?;
                asked.try_set_value(Some(wanted.clone()));
                Ok((wanted, page))
            },
        );
        let read = Self {
            state,
            filter,
            newest,
            told: RwSignal::new(nothing()),
            waiting: RwSignal::new(None),
            loading: RwSignal::new(false),
            failure: RwSignal::new(None),
        };
        Effect::new(move |before: Option<Option<HistoryFilter>>| {
            let answer = newest.value()?;
            let (filter, page) = &*answer;
            read.take(page, before.flatten().as_ref() == Some(filter));
            Some(filter.clone())
        });
        let scrolled = window_event_listener(leptos::ev::scroll, move |_| {
            if is_at_top() && read.waiting.with_untracked(Option::is_some) {
                read.show_waiting();
            }
        });
        on_cleanup(move || scrolled.remove());
        read
    }

    /// True when the answer for the present filter is there.
    pub(super) fn is_read(self) -> bool {
        self.newest.value().is_some_and(|answer| self.filter.with(|filter| *filter == answer.0))
    }

    fn take(self, page: &Told, same: bool) {
        if !same {
            self.waiting.set(None);
            self.failure.set(None);
            self.told.set(page.clone());
            return;
        }
        let new = self.told.with_untracked(|known| fresh(page, known));
        if new == 0 || is_at_top() {
            self.waiting.set(None);
            self.told.update(|known| join(page.clone(), known));
        } else {
            self.waiting.set(Some((new, page.clone())));
        }
    }

    /// Shows what waits.
    pub(super) fn show_waiting(self) {
        if let Some((_, page)) = self.waiting.get_untracked() {
            self.waiting.set(None);
            self.told.update(|known| join(page, known));
        }
    }

    /// Reads earlier entries.
    pub(super) fn more(self) {
        let Some(at) = self.told.with_untracked(|told| told.next_cursor.clone()) else { return };
        let filter = self.filter.get_untracked();
        self.loading.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match page(&filter, Some(at.clone()), IN_A_ROW).await {
                Ok(page) => {
                    let same = self.filter.try_with_untracked(|now| *now == filter) == Some(true);
                    self.told.try_update(|told| {
                        if same && told.next_cursor.as_ref() == Some(&at) {
                            append(told, page);
                        }
                    });
                }
                Err(refused) => {
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.loading.try_set(false);
        });
    }
}

fn nothing() -> Told {
    HistoryPage { items: Vec::new(), next_cursor: None, searched_to: None, deployments: Default::default() }
}

fn is_at_top() -> bool {
    window().scroll_y().is_ok_and(|top| top < TOP)
}

/// A page of the history: while nothing is found, so many questions are asked.
async fn page(filter: &HistoryFilter, mut cursor: Option<String>, questions: usize) -> Result<Told, Failure> {
    let query = filter.query(Timestamp::now());
    let mut asked = 0;
    loop {
        asked += 1;
        let page = if filter.everything() {
            let page = api::history::page(&query, cursor.as_deref(), PAGE).await?;
            let alone = |entry: domain::wire::HistoryEntry| HistoryGroup {
                place: entry.seq,
                at: entry.at,
                rollout: None,
                entries: vec![entry],
            };
            let HistoryPage { items, next_cursor, searched_to, deployments } = page;
            HistoryPage { items: items.into_iter().map(alone).collect(), next_cursor, searched_to, deployments }
        } else {
            api::history::groups(&query, cursor.as_deref(), PAGE).await?
        };
        if !page.items.is_empty() || page.next_cursor.is_none() || asked >= questions {
            return Ok(page);
        }
        cursor.clone_from(&page.next_cursor);
    }
}

/// The name of a group: its rollout, or its only entry.
pub(super) fn key(group: &HistoryGroup) -> (Option<DeploymentId>, u64) {
    let deployment = group.entries.first().and_then(|entry| entry.deployment.clone());
    match &group.rollout {
        Some(rollout) => (deployment, rollout.number.0.into()),
        None => (None, group.place.0),
    }
}

fn newest(told: &Told) -> Seq {
    let entries = told.items.iter().flat_map(|group| &group.entries);
    entries.map(|entry| entry.seq).max().unwrap_or(Seq(0))
}

/// The entries of a page that are newer than what is known.
fn fresh(page: &Told, known: &Told) -> usize {
    let last = newest(known);
    page.items.iter().flat_map(|group| &group.entries).filter(|entry| entry.seq > last).count()
}

/// Puts the newest page before what was known; where a gap would be, begins anew.
fn join(page: Told, known: &mut Told) {
    // A short look may have ended before what is known; it says nothing of that.
    let Some(oldest) = page.items.last().map(|group| group.place) else { return };
    let gap = known.items.first().is_none_or(|first| first.place < oldest) && page.next_cursor.is_some();
    if gap || page.next_cursor.is_none() {
        *known = page;
        return;
    }
    let fresh: HashSet<_> = page.items.iter().map(key).collect();
    let before = std::mem::take(&mut known.items);
    known.items = page.items;
    known.items.extend(before.into_iter().filter(|group| group.place < oldest && !fresh.contains(&key(group))));
    known.deployments.extend(page.deployments);
}

/// Puts an earlier page behind what was known.
fn append(known: &mut Told, page: Told) {
    let before: HashSet<_> = known.items.iter().map(key).collect();
    known.items.extend(page.items.into_iter().filter(|group| !before.contains(&key(group))));
    known.deployments.extend(page.deployments);
    known.next_cursor = page.next_cursor;
    known.searched_to = page.searched_to;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(places: &[u64], next: Option<&str>) -> Told {
        let group = |place: &u64| {
            let entry = serde_json::json!({"seq": place, "at": "2026-05-01T10:00:00Z", "actor": "ada", "deployment": null,
                "kind": "tokens_revoked", "summary": "s", "event": {}, "hash": "h"});
            serde_json::json!({"place": place, "at": "2026-05-01T10:00:00Z", "rollout": null, "entries": [entry]})
        };
        let items: Vec<_> = places.iter().map(group).collect();
        serde_json::from_value(serde_json::json!({"items": items, "next_cursor": next})).unwrap()
    }

    fn places(told: &Told) -> Vec<u64> {
        told.items.iter().map(|group| group.place.0).collect()
    }

    #[test]
    fn the_newest_joins_what_is_known_without_gaps() {
        for (page, next, known, joined, then) in [
            (&[9, 8][..], Some("8"), &[8, 7, 6][..], &[9, 8, 7, 6][..], Some("6")),
            (&[8, 7], Some("7"), &[8, 7, 6], &[8, 7, 6], Some("6")),
            // A gap: what was known would stand behind something that nobody has read.
            (&[20, 19], Some("19"), &[8, 7], &[20, 19], Some("19")),
            (&[2, 1], None, &[1], &[2, 1], None),
            // A look that found nothing in time.
            (&[], Some("5"), &[4, 3], &[4, 3], Some("3")),
        ] {
            let last = known.last().map(u64::to_string);
            let mut before = told(known, last.as_deref());
            join(told(page, next), &mut before);
            assert_eq!((places(&before).as_slice(), before.next_cursor.as_deref()), (joined, then), "{page:?}");
        }
        assert_eq!(fresh(&told(&[9, 8, 7], None), &told(&[7, 6], None)), 2);
        let mut known = told(&[9, 8], Some("8"));
        append(&mut known, told(&[8, 3], None));
        assert_eq!((places(&known).as_slice(), known.next_cursor), (&[9, 8, 3][..], None));
    }
}
