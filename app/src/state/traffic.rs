//! The recent requests of the deployments that somebody looks at, and of no others: the stream of events tells of them.

use std::sync::Arc;

use domain::id::DeploymentId;
use domain::wire::Traffic;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::poll::page_is_visible;
use super::{CacheStoreFields, State};
use crate::api;

/// Most deployments that are asked for at a time: a tall window has fewer rows.
const MOST: usize = 200;
/// Milliseconds in which rows that come and go together, as while scrolling, are gathered.
const GATHER_MS: u32 = 100;

impl State {
    /// Keeps the requests of a deployment up to date for as long as the caller is drawn.
    pub(crate) fn look_at(self, id: &DeploymentId) {
        self.seen.update_value(|seen| *seen.entry(id.clone()).or_default() += 1);
        self.watch_soon();
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
            self.watch_soon();
        });
    }

    /// The same, and what its replicas do.
    pub(crate) fn look_closely_at(self, id: &DeploymentId) {
        self.seen_closely.set_value(Some(id.clone()));
        self.look_at(id);
        let id = id.clone();
        on_cleanup(move || {
            // Another one may be looked at by now.
            self.seen_closely.try_update_value(|closely| closely.take_if(|closely| *closely == id));
        });
    }

    /// Says whether the order of the list depends on the requests of every deployment, which are read again then.
    pub(crate) fn order_by_traffic(self, does: bool) {
        self.by_traffic.set_value(does);
    }

    /// Tells the stream what somebody looks at when the page is hidden or shown.
    pub(super) fn watch_while_visible(self) {
        let listener = window_event_listener_untyped("visibilitychange", move |_| self.watch_soon());
        on_cleanup(move || listener.remove());
    }

    /// Tells the stream what somebody looks at, once rows have stopped coming and going.
    pub(super) fn watch_soon(self) {
        if self.watching.try_get_value() != Some(false) {
            return;
        }
        self.watching.set_value(true);
        spawn_local(async move {
            TimeoutFuture::new(GATHER_MS).await;
            let Some(()) = self.watching.try_update_value(|watching| *watching = false) else { return };
            let Some(name) = self.stream.get_value() else { return };
            let (ids, closely) = if page_is_visible() { self.looked_at() } else { (Vec::new(), None) };
            // A stream that is not open yet, or not any more, is told when it is.
            if let Err(failure) = api::events::watch(&name, &ids, closely.as_ref()).await {
                drop(self.noting(failure));
            }
        });
    }

    fn looked_at(self) -> (Vec<DeploymentId>, Option<DeploymentId>) {
        (self.seen.with_value(|seen| seen.keys().take(MOST).cloned().collect()), self.seen_closely.get_value())
    }

    /// Reads the requests of those that somebody looks at.
    pub(super) async fn read_traffic(self) {
        let (ids, closely) = self.looked_at();
        if ids.is_empty() {
            return;
        }
        match api::deployments::traffic(&ids, closely.as_ref()).await {
            Ok(items) => items.into_iter().for_each(|(id, traffic)| self.put_traffic(&id, traffic)),
            Err(failure) => drop(self.noting(failure)),
        }
    }

    pub(super) fn put_traffic(self, id: &DeploymentId, traffic: Traffic) {
        let Some(known) = self.deployment_now(id).filter(|known| known.traffic != traffic) else { return };
        let mut view = (*known).clone();
        for replica in view.replica_list.iter_mut().flatten() {
            if let Some(load) = traffic.replicas.get(&replica.id) {
                replica.in_flight = load.in_flight;
            }
        }
        view.traffic = traffic;
        self.store.deployments().at_key(id.clone()).set(Arc::new(view));
    }
}
