//! Follows the events of the server.

use std::sync::Arc;

use domain::event::EventKind;
use domain::wire::{DeploymentView, HistoryEntry};
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::poll::poll;
use super::{Access, CacheStoreFields, Connection, Listing, State};
use crate::api::{self, events::StreamEvent};

/// Milliseconds between two looks at the traffic, where no stream tells of it.
const TRAFFIC_MS: u32 = 2_000;
/// Milliseconds between two looks at what time alone may change.
const TIME_MS: u32 = 60_000;
/// Deployments that are read one by one; of more the whole list is read.
const FEW: usize = 50;
/// Milliseconds until a server that does not answer is asked again.
const AGAIN_MS: u32 = 2_000;
/// As many deployments come with one answer.
const PAGE: usize = 1_000;

/// What moves the places where a model is in use, or is known to be bad.
const MODELS_MOVE: [EventKind; 8] = [
    EventKind::RolloutStarted,
    EventKind::RolloutMoved,
    EventKind::Deactivated,
    EventKind::DeleteRequested,
    EventKind::DeploymentDeleted,
    EventKind::RevisionQuarantined,
    EventKind::QuarantineLifted,
    EventKind::RevisionRemoved,
];

impl State {
    /// Follows the events until somebody signs out.
    pub(super) fn follow(self) {
        let reads = self.reads.get_value();
        let mine = reads.subscription.get() + 1;
        reads.subscription.set(mine);
        let current = move || {
            reads.subscription.get() == mine && matches!(self.store.access().get_untracked(), Access::SignedIn(_))
        };
        spawn_local(self.listen(current.clone()));
        self.watch_traffic(current);
    }

    async fn listen(self, current: impl Fn() -> bool) {
        let head = loop {
            match api::history::head().await {
                Ok(head) => break head,
                Err(failure) => {
                    let failure = self.noting(failure);
                    if self.store.listing().get_untracked() != Listing::Ready {
                        self.store.listing().set(Listing::Failed(failure));
                    }
                }
            }
            TimeoutFuture::new(AGAIN_MS).await;
            if !current() {
                return;
            }
        };
        let api::events::Subscription { mut events, name } = api::events::subscribe(head);
        self.stream.set_value(name);
        self.reread_all();
        self.reread_around();
        while let Some(event) = events.next().await {
            if !current() {
                return;
            }
            self.take(event);
        }
    }

    fn take(self, event: StreamEvent) {
        match event {
            StreamEvent::Connected => {
                self.watch_soon();
                if self.store.connection().get_untracked() == Connection::Lost {
                    self.store.connection().set(Connection::Live);
                    self.store.reconnected().update(|count| *count += 1);
                    self.resync();
                }
            }
            StreamEvent::Lost => {
                if self.store.connection().get_untracked() == Connection::Live {
                    self.store.connection().set(Connection::Lost);
                }
            }
            StreamEvent::Resync => self.resync(),
            StreamEvent::Notices => self.reread_notices(),
            StreamEvent::Traffic(items) => items.into_iter().for_each(|(id, traffic)| self.put_traffic(&id, traffic)),
            StreamEvent::Entry(entry) => self.happened(*entry),
        }
    }

    fn resync(self) {
        self.reread_all();
        self.reread_around();
        let known = self.store.deployments().get_untracked();
        for view in known.iter().filter(|view| view.revision_list.is_some()) {
            self.touch(view.id.clone());
        }
        self.store.models_changed().update(|count| *count += 1);
        self.store.history_changed().update(|count| *count += 1);
    }

    fn happened(self, entry: HistoryEntry) {
        self.store.history_changed().update(|count| *count += 1);
        self.rollout_happened(&entry);
        let around = self.around_happened(&entry);
        match entry.deployment {
            Some(id) => self.touch(id),
            None if around => {
                // Roles decide which deployments are seen.
                self.reread_all();
            }
            None => {
                // A model was registered: newer versions may exist for any deployment.
                self.store.models_changed().update(|count| *count += 1);
                self.reread_all();
            }
        }
        if MODELS_MOVE.iter().any(|kind| entry.kind.is(*kind)) {
            self.store.models_changed().update(|count| *count += 1);
        }
    }

    /// Without events comes what time alone brings, as that a replica has not been ready for a minute; the order by requests;
    /// and requests, in the window, which has no stream.
    fn watch_traffic(self, current: impl Fn() -> bool + Clone + 'static) {
        if api::in_window() {
            poll(|| TRAFFIC_MS, current.clone(), move || self.read_traffic());
        }
        let pause = move || {
            let pages = self.store.deployments().read_untracked().len() / PAGE + 1;
            let by_traffic = TRAFFIC_MS * u32::try_from(pages).unwrap_or(1);
            if self.by_traffic.get_value() { by_traffic } else { TIME_MS }
        };
        poll(pause, current, move || self.read_what_time_moves());
    }

    async fn read_what_time_moves(self) {
        let moved = |view: &&Arc<DeploymentView>| {
            view.condition.as_ref().is_some_and(|condition| condition.word.is_moved_by_time(view.replicas))
        };
        let known = self.store.deployments().get_untracked();
        let moved: Vec<_> = known.iter().filter(moved).map(|view| view.id.clone()).collect();
        if self.by_traffic.get_value() || moved.len() > FEW {
            self.read_all().await;
        } else {
            moved.into_iter().for_each(|id| self.touch(id));
        }
    }
}
