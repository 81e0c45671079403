//! The notices of the person who looks at the page: how many were not read, and what the browser shows of new ones.

use leptos::prelude::*;

use super::{CacheStoreFields, State, browser_notices};
use crate::api;

/// As many of those that come at once are shown by the browser.
const MOST_SHOWN: usize = 5;

impl State {
    /// Reads again how many notices were not read; a new one is shown by the browser where that is wanted.
    pub(crate) fn reread_notices(self) {
        self.store.notices_changed().update(|count| *count += 1);
        self.reads.get_value().notices.ask(move || async move {
            // An older count is better than none, and the page itself says what went wrong.
            let Ok(view) = api::notices::newest().await else { return };
            let known = self.store.newest_notice().get_untracked();
            let newest = view.items.first();
            let news = newest.zip(known).filter(|(newest, known)| newest.id > *known).map(|(_, known)| known);
            if let Some(known) = news.filter(|_| browser_notices::are_shown()) {
                show_since(known).await;
            }
            self.store.unread_notices().set(view.unread);
            // Only what comes from now on is news.
            self.store
                .newest_notice()
                .set(Some(newest.map_or(known.unwrap_or(0), |notice| notice.id).max(known.unwrap_or(0))));
        });
    }

    /// The notices that were not read.
    pub(crate) fn unread_notices(self) -> u64 {
        self.store.unread_notices().get()
    }

    /// Goes up when there may be another notice.
    pub(crate) fn notices_changed(self) -> u64 {
        self.store.notices_changed().get()
    }
}

/// Has the browser show those after `known`, the oldest first. Several may come at once.
async fn show_since(known: u64) {
    let Ok(view) = api::notices::list(true, None).await else { return };
    let news: Vec<_> = view.items.iter().filter(|notice| notice.id > known).take(MOST_SHOWN).collect();
    for notice in news.into_iter().rev() {
        browser_notices::show(notice.id, &notice.said);
    }
}
