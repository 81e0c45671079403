//! Something that one screen reads for itself.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::clock::page_is_visible;
use super::reread::Reread;
use super::{State, state};
use crate::api::Failure;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// An answer of the server that can be asked for again. A failed read keeps the answer before, beside the failure.
pub(crate) struct Query<T: Send + Sync + 'static> {
    value: RwSignal<Option<Arc<T>>>,
    failure: RwSignal<Option<Failure>>,
    read: StoredValue<Rc<dyn Fn() -> Answer<T>>, LocalStorage>,
    state: State,
    run: StoredValue<Reread, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Query<T> {}

impl<T: Send + Sync + PartialEq + 'static> Query<T> {
    /// A query that has not been asked yet.
    pub(crate) fn new<F: Future<Output = Result<T, Failure>> + 'static>(read: impl Fn() -> F + 'static) -> Self {
        Self {
            value: RwSignal::new(None),
            failure: RwSignal::new(None),
            read: StoredValue::new_local(Rc::new(move || Box::pin(read()) as Answer<T>)),
            state: state(),
            run: StoredValue::new_local(Reread::default()),
        }
    }

    /// Asks (again).
    pub(crate) fn ask(self) {
        let (Some(run), Some(read)) = (self.run.try_get_value(), self.read.try_get_value()) else { return };
        let state = self.state;
        run.ask(move || {
            let answer = read();
            async move {
                match answer.await {
                    Ok(value) => {
                        let same = self.value.try_with_untracked(|old| old.as_deref() == Some(&value));
                        if same == Some(false) {
                            self.value.try_set(Some(Arc::new(value)));
                        }
                        if self.failure.try_with_untracked(Option::is_some) == Some(true) {
                            self.failure.try_set(None);
                        }
                    }
                    Err(failure) => {
                        self.failure.try_set(Some(state.noting(failure)));
                    }
                }
            }
        });
    }

    /// Asks every so many milliseconds while the page is seen and `wanted`, for as long as the caller is drawn.
    pub(crate) fn ask_every(self, milliseconds: u32, wanted: impl Fn() -> bool + 'static) {
        let drawn = StoredValue::new(());
        spawn_local(async move {
            loop {
                TimeoutFuture::new(milliseconds).await;
                if drawn.try_get_value().is_none() {
                    return;
                }
                if page_is_visible() && wanted() {
                    self.ask();
                }
            }
        });
    }

    /// The last answer.
    pub(crate) fn value(self) -> Option<Arc<T>> {
        self.value.get()
    }

    /// Whether there is an answer and it is like this, at the moment.
    pub(crate) fn is(self, like: impl Fn(&T) -> bool) -> bool {
        self.value.try_with_untracked(|value| value.as_deref().is_some_and(like)).unwrap_or(false)
    }

    /// Why the last question had no answer.
    pub(crate) fn failure(self) -> Option<Failure> {
        self.failure.get()
    }
}
