//! Data that one screen reads for itself.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;

use super::poll::poll;
use super::reread::Reread;
use super::{State, state};
use crate::api::Failure;

type ReadFuture<T> = LocalBoxFuture<'static, Result<T, Failure>>;

/// An answer of the server that can be asked for again. A failed read keeps the answer before, beside the failure.
pub(crate) struct Query<T: Send + Sync + 'static> {
    value: RwSignal<Option<Arc<T>>>,
    failure: RwSignal<Option<Failure>>,
    read: StoredValue<Rc<dyn Fn() -> ReadFuture<T>>, LocalStorage>,
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
            read: StoredValue::new_local(Rc::new(move || Box::pin(read()) as _)),
            state: state(),
            run: StoredValue::new_local(Reread::default()),
        }
    }

    /// A query that is asked at once, and again when the server is back.
    pub(crate) fn once<F: Future<Output = Result<T, Failure>> + 'static>(read: impl Fn() -> F + 'static) -> Self {
        Self::when(|| true, read)
    }

    /// A query that is asked at once, and again whenever one of the signals that `changes` reads has changed.
    pub(crate) fn whenever<S, F: Future<Output = Result<T, Failure>> + 'static>(
        changes: impl Fn() -> S + 'static,
        read: impl Fn() -> F + 'static,
    ) -> Self {
        let always = move || {
            changes();
            true
        };
        Self::when(always, read)
    }

    /// A query that is asked when it is `ready`, and again whenever one of the signals that tell so has changed, or the server
    /// is back after it was away.
    pub(crate) fn when<F: Future<Output = Result<T, Failure>> + 'static>(
        ready: impl Fn() -> bool + 'static,
        read: impl Fn() -> F + 'static,
    ) -> Self {
        let query = Self::new(read);
        Effect::new(move |_| {
            query.state.reconnected();
            if ready() {
                query.ask();
            }
        });
        query
    }

    /// Asks (again).
    pub(crate) fn ask(self) {
        let Some(run) = self.run.try_get_value() else { return };
        run.ask(move || async move {
            // The screen may have gone since this was asked for, and with it what `read` looks at.
            let Some(read) = self.read.try_get_value() else { return };
            match read().await {
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
                    self.failure.try_set(Some(self.state.noting(failure)));
                }
            }
        });
    }

    /// Asks every so many milliseconds while the page is seen and `wanted`, for as long as the caller is drawn.
    pub(crate) fn ask_every(self, milliseconds: u32, wanted: impl Fn() -> bool + 'static) {
        let drawn = StoredValue::new(());
        let ask = move || {
            if wanted() {
                self.ask();
            }
            std::future::ready(())
        };
        poll(move || milliseconds, move || drawn.try_get_value().is_some(), ask);
    }

    /// The last answer.
    pub(crate) fn value(self) -> Option<Arc<T>> {
        self.value.get()
    }

    /// The last answer, without following it.
    pub(crate) fn value_now(self) -> Option<Arc<T>> {
        self.value.try_get_untracked().flatten()
    }

    /// True when there is an answer at the moment and it is like this.
    pub(crate) fn is(self, like: impl Fn(&T) -> bool) -> bool {
        self.value.try_with_untracked(|value| value.as_deref().is_some_and(like)).unwrap_or(false)
    }

    /// The failure of the last question.
    pub(crate) fn failure(self) -> Option<Failure> {
        self.failure.get()
    }
}
