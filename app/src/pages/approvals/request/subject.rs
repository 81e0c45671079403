//! The request that the page is about, and what is done with it.

use std::future::Future;
use std::sync::Arc;

use domain::change_request::ReviewVerdict;
use domain::id::RequestId;
use domain::wire::{ChangeRequestView, ErrorCode, GiveReview};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::requests::RequestStep;
use crate::api::{self, Failure};
use crate::pages::kept_draft::KeptDraft;
use crate::state::{Query, State, state};

/// The request, the words that are being written about it, and the last refusal.
#[derive(Clone, Copy)]
pub(super) struct RequestSubject {
    id: StoredValue<RequestId>,
    query: Query<ChangeRequestView>,
    /// The request as it was last read.
    pub(super) view: Memo<Option<Arc<ChangeRequestView>>>,
    /// The words that are being written.
    pub(super) comment: RwSignal<String>,
    /// Something is on its way to the server.
    pub(super) pending: RwSignal<bool>,
    /// The reason why the server refused the last of it.
    pub(super) failure: RwSignal<Option<Failure>>,
    state: State,
}

impl RequestSubject {
    /// That of a page.
    pub(super) fn new(
        id: RequestId,
        query: Query<ChangeRequestView>,
        view: Memo<Option<Arc<ChangeRequestView>>>,
    ) -> Self {
        let (state, comment) = (state(), RwSignal::new(String::new()));
        KeptDraft::of(state, &format!("comment {id}")).keep("comment", comment);
        Self {
            id: StoredValue::new(id),
            query,
            view,
            comment,
            pending: RwSignal::new(false),
            failure: RwSignal::new(None),
            state,
        }
    }

    /// The id of the request.
    pub(super) fn id(self) -> RequestId {
        self.id.get_value()
    }

    /// Says something of the plan that is shown. The words are kept until the server has taken them.
    pub(super) fn review(self, verdict: ReviewVerdict) {
        let Some(shown) = self.view.get_untracked() else { return };
        let comment = self.comment.with_untracked(|text| text.trim().to_owned());
        // Words that are being written belong to what is said last of all.
        let review = GiveReview {
            verdict,
            plan_hash: shown.plan_hash.clone(),
            comment: Some(comment).filter(|comment| !comment.is_empty()),
        };
        let id = self.id();
        let taken = async move { api::requests::review(&id, &review).await.map(drop) };
        let comment = self.comment;
        self.send(async move {
            taken.await?;
            comment.try_set(String::new());
            Ok(())
        });
    }

    /// Takes one's own verdict back.
    pub(super) fn withdraw(self) {
        let id = self.id();
        self.send(async move { api::requests::withdraw(&id).await });
    }

    /// Rebases, applies or cancels it.
    pub(super) fn step(self, step: RequestStep) {
        let id = self.id();
        self.send(async move { api::requests::step(&id, step).await.map(drop) });
    }

    fn send(self, request: impl Future<Output = Result<(), Failure>> + 'static) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.failure.set(None);
        spawn_local(async move {
            if let Err(refused) = request.await {
                self.failure.try_set(Some(self.state.noting(refused)));
            }
            // What was refused may be because it is another plan by now: it is drawn anew either way.
            self.query.ask();
            self.state.reread_counts();
            self.pending.try_set(false);
        });
    }

    /// True when nothing was done because it is not the plan any more that was shown.
    pub(super) fn moved_on(self) -> bool {
        self.failure.with(|failure| {
            failure.as_ref().is_some_and(|failure| failure.is(ErrorCode::PlanChanged) || failure.is(ErrorCode::Stale))
        })
    }
}
