//! The recent requests of the deployments that somebody looks at: no event tells of them, and nobody else needs them.

use std::sync::Arc;

use domain::id::DeploymentId;
use domain::wire::Traffic;
use leptos::prelude::*;

use super::{CacheStoreFields, State};
use crate::api;

/// Most deployments that are asked for at a time: a tall window has fewer rows.
const MOST: usize = 200;

impl State {
    /// Keeps the requests of a deployment up to date for as long as the caller is drawn.
    pub(crate) fn look_at(self, id: &DeploymentId) {
        self.seen.update_value(|seen| *seen.entry(id.clone()).or_default() += 1);
        let id = id.clone();
        on_cleanup(move || {
            self.seen.try_update_value(|seen| {
                if let Some(count) = seen.get_mut(&id) {
                    *count -= 1;
                    if *count == 0 {
                        seen.remove(&id);
                    }
                }
            });
        });
    }

    /// Says whether the order of the list depends on the requests of every deployment, which are read again then.
    pub(crate) fn order_by_traffic(self, does: bool) {
        self.by_traffic.set_value(does);
    }

    /// Reads the requests of those that somebody looks at.
    pub(super) async fn read_traffic(self) {
        let ids: Vec<_> = self.seen.with_value(|seen| seen.keys().take(MOST).cloned().collect());
        if ids.is_empty() {
            return;
        }
        match api::deployments::traffic(&ids).await {
            Ok(items) => items.into_iter().for_each(|(id, traffic)| self.put_traffic(&id, traffic)),
            Err(failure) => drop(self.noting(failure)),
        }
    }

    fn put_traffic(self, id: &DeploymentId, traffic: Traffic) {
        let Some(known) = self.deployment_now(id).filter(|known| known.traffic != traffic) else { return };
        let mut view = (*known).clone();
        view.traffic = traffic;
        self.store.deployments().at_key(id.clone()).set(Arc::new(view));
    }
}
