//! The entries that have been read: the newest, kept up to date, and earlier ones on demand.

use domain::wire::{HistoryEntry, Page};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::filters::HistoryFilter;
use crate::api::{self, Failure};
use crate::state::{Query, State, state};

/// Entries that one question brings.
const PAGE: u32 = 100;

/// Entries without gaps, newest first.
#[derive(Clone, Copy)]
pub(super) struct Read {
    state: State,
    filter: Memo<HistoryFilter>,
    /// The newest page, and what it was asked for.
    pub(super) newest: Query<(HistoryFilter, Page<HistoryEntry>)>,
    /// Everything that was read.
    pub(super) entries: RwSignal<Vec<HistoryEntry>>,
    /// The cursor of the earlier entries; `None` when all were read.
    pub(super) next: RwSignal<Option<String>>,
    /// Earlier entries are on their way.
    pub(super) loading: RwSignal<bool>,
    /// The failure to read earlier entries.
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Read {
    /// Reads the entries that match `filter`, again when that changes or something happens.
    pub(super) fn new(filter: Memo<HistoryFilter>) -> Self {
        let state = state();
        let newest = Query::whenever(
            move || (filter.track(), state.history_changed()),
            move || {
                let filter = filter.get_untracked();
                async move { page(&filter, None).await.map(|page| (filter, page)) }
            },
        );
        let read = Self {
            state,
            filter,
            newest,
            entries: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
            loading: RwSignal::new(false),
            failure: RwSignal::new(None),
        };
        Effect::new(move |before: Option<Option<HistoryFilter>>| {
            let answer = newest.value()?;
            let (filter, page) = &*answer;
            read.take(page, before.flatten().as_ref() == Some(filter));
            Some(filter.clone())
        });
        read
    }

    /// Puts the newest page before what was read for the `same` filter; where a gap would be, begins anew.
    fn take(self, page: &Page<HistoryEntry>, same: bool) {
        let known = self.entries.get_untracked();
        let last = page.items.last().map(|entry| entry.seq);
        let joins = same && known.first().is_some_and(|first| last.is_some_and(|last| last <= first.seq));
        let mut entries = page.items.clone();
        if joins {
            entries.extend(known.into_iter().filter(|entry| last.is_some_and(|last| entry.seq < last)));
        } else {
            self.next.set(page.next_cursor.clone());
        }
        self.entries.set(entries);
    }

    /// Reads earlier entries.
    pub(super) fn more(self) {
        let Some(at) = self.next.get_untracked() else { return };
        let filter = self.filter.get_untracked();
        self.loading.set(true);
        self.failure.set(None);
        spawn_local(async move {
            match page(&filter, Some(&at)).await {
                Ok(page) => {
                    self.entries.try_update(|entries| entries.extend(page.items));
                    self.next.try_set(page.next_cursor);
                }
                Err(refused) => {
                    self.failure.try_set(Some(self.state.noting(refused)));
                }
            }
            self.loading.try_set(false);
        });
    }
}

async fn page(filter: &HistoryFilter, cursor: Option<&str>) -> Result<Page<HistoryEntry>, Failure> {
    let deployment = filter.deployment.parse().ok();
    api::history::page(deployment.as_ref(), &filter.use_case, &filter.kind, cursor, PAGE).await
}
