//! The request that is edited: the dialog begins with what it asks for.

use domain::change_request::ApplyMode;
use domain::id::RequestId;
use domain::wire::ChangeRequestView;
use leptos::prelude::*;

use super::draft::Draft;
use super::gate::{Gate, When};
use crate::api;
use crate::pages::kept_draft::KeptDraft;
use crate::state::Query;
use crate::words::{own_zone, zones};

/// The request as it is read when the dialog opens.
#[derive(Clone, Copy)]
pub(super) struct Edited(Option<Query<ChangeRequestView>>);

impl Edited {
    /// Reads it, and fills the dialog with it once. Without one, there is nothing to wait for.
    pub(super) fn read(request: Option<RequestId>, draft: Draft, gate: Gate) -> Self {
        let query = request.map(|id| {
            Query::once(move || {
                let id = id.clone();
                async move { api::requests::read(&id).await }
            })
        });
        // What somebody wrote before a reload of the page is newer than the request.
        let from_before = KeptDraft::here().is_some_and(|kept| kept.is_there());
        Effect::new(move |begun: Option<bool>| {
            let read = query.and_then(Query::value);
            let begun = begun.unwrap_or(false);
            if let Some(view) = read.as_ref().filter(|_| !begun) {
                begin(view, draft, gate, from_before);
            }
            begun || read.is_some()
        });
        Self(query)
    }

    /// The reason why nothing can be sent: what was asked for is not known yet.
    pub(super) fn blocked(self) -> Option<String> {
        let query = self.0.filter(|query| query.value().is_none())?;
        Some(match query.failure() {
            Some(failure) => format!("The request cannot be read. {}", failure.detail()),
            None => "The request is being read…".to_owned(),
        })
    }
}

fn begin(view: &ChangeRequestView, draft: Draft, gate: Gate, from_before: bool) {
    if let ApplyMode::At(time) = &view.apply {
        gate.kept.set_value(Some(time.clone()));
    }
    if from_before {
        return;
    }
    if let Some(plan) = view.versions.last().and_then(|version| version.plan.as_ref()) {
        if let Some(strategy) = plan.strategy {
            draft.strategy.set(strategy);
        }
        if let Some(mode) = plan.on_failure {
            draft.on_failure.set(mode.to_string());
        }
        draft.why_again.set(plan.quarantine_override.clone().unwrap_or_default());
    }
    draft.reason.set(view.reason.map(|reason| reason.to_string()).unwrap_or_default());
    draft.note.set(view.note.clone().unwrap_or_default());
    let when = match &view.apply {
        ApplyMode::WhenApproved => When::Soon,
        ApplyMode::ByHand => When::ByHand,
        ApplyMode::At(time) => {
            let name = time.zone.clone().unwrap_or_else(own_zone::name);
            let local = zones::named(&name).to_datetime(time.at).to_string();
            // Fields for times know no seconds that are zero.
            gate.time.local.set(local.strip_suffix(":00").unwrap_or(&local).to_owned());
            gate.time.zone.set(name);
            gate.time.exact.set(Some(time.at));
            When::At
        }
    };
    gate.when.set(when);
}
