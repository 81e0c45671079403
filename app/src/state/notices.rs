//! The notices of the person who looks at the page: how many were not read, and what the browser shows of a new one.

use leptos::prelude::*;

use super::{CacheStoreFields, State, browser_notices};
use crate::api;

impl State {
    /// Reads again how many notices were not read; a new one is shown by the browser where that is wanted.
    pub(crate) fn reread_notices(self) {
        self.store.notices_changed().update(|count| *count += 1);
        self.reads.get_value().notices.ask(move || async move {
            // An older count is better than none, and the page itself says what went wrong.
            let Ok(view) = api::notices::newest().await else { return };
            let known = self.store.newest_notice().get_untracked();
            let newest = view.items.first();
            if let Some(notice) = newest.filter(|notice| known.is_some_and(|known| notice.id > known)) {
                browser_notices::show(notice.id, &notice.said.subject, &notice.said.happened);
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
