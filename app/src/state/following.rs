//! What happens to rollouts, kept until the page has told it to whoever follows one.

use domain::wire::HistoryEntry;
use leptos::prelude::*;

use super::rollout_news::RolloutNews;
use super::{CacheStoreFields, State};

impl State {
    /// Takes note of an entry that is about a rollout.
    pub(super) fn rollout_happened(self, entry: &HistoryEntry) {
        if let Some(news) = RolloutNews::of(entry, self.is_own_act(&entry.actor)) {
            self.store.rollout_news().update(|all| all.push(news));
        }
    }

    /// What happened to rollouts since this was last asked, oldest first.
    pub(crate) fn take_rollout_news(self) -> Vec<RolloutNews> {
        let news = self.store.rollout_news().get();
        if !news.is_empty() {
            self.store.rollout_news().set(Vec::new());
        }
        news
    }
}
