//! The deployments in the store: read all, read one, patch by key.

use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName};
use domain::wire::{DeploymentView, ErrorCode};
use leptos::prelude::*;

use super::{CacheStoreFields, Listing, State};
use crate::api;

impl State {
    /// Every deployment; drawn again when any of them changes.
    pub(crate) fn deployments(self) -> Vec<Arc<DeploymentView>> {
        self.store.deployments().get()
    }

    /// Every deployment by its name.
    pub(crate) fn deployment_names(self) -> Vec<(DeploymentId, String)> {
        self.store.deployments().read().iter().map(|view| (view.id.clone(), view.name.to_string())).collect()
    }

    /// The number of deployments.
    pub(crate) fn deployment_count(self) -> usize {
        self.store.deployments().read().len()
    }

    /// One deployment; drawn again when it changes.
    pub(crate) fn deployment(self, id: &DeploymentId) -> Option<Arc<DeploymentView>> {
        let exists = self.store.deployments().read_untracked().iter().any(|view| view.id == *id);
        if !exists {
            // It may come: follow the list.
            self.store.deployments().track();
            return None;
        }
        self.store.deployments().at_key(id.clone()).try_get()
    }

    /// One deployment as it is at the moment.
    pub(crate) fn deployment_now(self, id: &DeploymentId) -> Option<Arc<DeploymentView>> {
        self.store.deployments().read_untracked().iter().find(|view| view.id == *id).cloned()
    }

    /// Goes up when something happened to this deployment.
    pub(crate) fn touches(self, id: &DeploymentId) -> u64 {
        self.touch_signal(id).get()
    }

    fn touch_signal(self, id: &DeploymentId) -> ArcRwSignal<u64> {
        if let Some(signal) = self.touched.with_value(|touched| touched.get(id).cloned()) {
            return signal;
        }
        let signal = ArcRwSignal::new(0);
        self.touched.update_value(|touched| drop(touched.insert(id.clone(), signal.clone())));
        signal
    }

    /// Reads every deployment again.
    pub(crate) fn reread_all(self) {
        let reads = self.reads.get_value();
        reads.all.ask(move || self.read_all());
    }

    pub(super) async fn read_all(self) {
        let reads = self.reads.get_value();
        let begun = reads.count.get();
        let known = self.store.listing().get_untracked() == Listing::Ready;
        let first = if known { None } else { Some(api::deployments::first().await) };
        let read = match first {
            // A list of ten thousand takes its time, and a window shows a few.
            Some(Ok(page)) if page.next_cursor.is_some() => {
                self.replace(page.items, begun);
                self.store.listing().set(Listing::First);
                api::deployments::list().await
            }
            Some(first) => first.map(|page| page.items),
            None => api::deployments::list().await,
        };
        match read {
            Ok(views) => {
                self.replace(views, begun);
                if self.store.listing().get_untracked() != Listing::Ready {
                    self.store.listing().set(Listing::Ready);
                }
            }
            Err(failure) => {
                let failure = self.noting(failure);
                if self.store.listing().get_untracked() != Listing::Ready {
                    self.store.listing().set(Listing::Failed(failure));
                }
            }
        }
    }

    /// Reads one deployment again, because something happened to it.
    pub(crate) fn touch(self, id: DeploymentId) {
        let reads = self.reads.get_value();
        let one = reads.one.borrow_mut().entry(id.clone()).or_default().clone();
        one.ask(move || {
            let id = id.clone();
            async move {
                match api::deployments::read(id.as_str()).await {
                    Ok(view) => self.patch(view),
                    Err(failure) if failure.is(ErrorCode::NotFound) => self.forget(&id),
                    Err(failure) => drop(self.noting(failure)),
                }
                self.touch_signal(&id).update(|count| *count += 1);
            }
        });
    }

    /// Reads a deployment that was only just made, so that its page finds it.
    pub(crate) async fn bring(self, name: &DeploymentName) {
        if let Ok(view) = api::deployments::read(name.as_str()).await {
            self.patch(view);
        }
    }

    fn patch(self, view: DeploymentView) {
        let reads = self.reads.get_value();
        reads.count.set(reads.count.get() + 1);
        reads.patched.borrow_mut().insert(view.id.clone(), reads.count.get());
        self.put(view);
    }

    fn put(self, view: DeploymentView) {
        let deployments = self.store.deployments();
        let known = deployments.read_untracked().iter().find(|known| known.id == view.id).cloned();
        match known {
            Some(known) => self.put_over(&known, view),
            None => deployments.write().push(Arc::new(view)),
        }
    }

    /// Draws the row again only when it differs. The list comes without revisions; those that are known stay.
    fn put_over(self, known: &DeploymentView, mut view: DeploymentView) {
        if view.revision_list.is_none() {
            view.revision_list.clone_from(&known.revision_list);
        }
        if *known != view {
            self.store.deployments().at_key(view.id.clone()).set(Arc::new(view));
        }
    }

    fn forget(self, id: &DeploymentId) {
        let deployments = self.store.deployments();
        if deployments.read_untracked().iter().any(|view| view.id == *id) {
            deployments.write().retain(|view| view.id != *id);
        }
    }

    /// Takes over a full read that was begun after answer `begun`; what was patched since stays.
    fn replace(self, views: Vec<DeploymentView>, begun: u64) {
        let reads = self.reads.get_value();
        let patched = reads.patched.borrow().clone();
        let newer = |id: &DeploymentId| patched.get(id).is_some_and(|count| *count > begun);
        let deployments = self.store.deployments();
        let known: Vec<_> = deployments.get_untracked();
        let same = known.len() == views.len() && known.iter().zip(&views).all(|(known, view)| known.id == view.id);
        if same {
            for (known, view) in known.iter().zip(views).filter(|(known, _)| !newer(&known.id)) {
                self.put_over(known, view);
            }
        } else {
            let old: std::collections::HashMap<_, _> = known.iter().map(|view| (&view.id, view)).collect();
            let mut list: Vec<Arc<DeploymentView>> = Vec::with_capacity(views.len());
            for mut view in views {
                match old.get(&view.id) {
                    Some(known) if newer(&view.id) || ***known == view => list.push(Arc::clone(known)),
                    Some(known) => {
                        view.revision_list.clone_from(&known.revision_list);
                        list.push(Arc::new(view));
                    }
                    None => list.push(Arc::new(view)),
                }
            }
            let made_meanwhile: Vec<_> = known
                .iter()
                .filter(|known| newer(&known.id) && !list.iter().any(|view| view.id == known.id))
                .cloned()
                .collect();
            list.extend(made_meanwhile);
            deployments.set(list);
        }
    }
}
