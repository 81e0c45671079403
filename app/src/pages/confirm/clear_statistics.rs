//! Clearing the statistics of a deployment (DR-11).

use domain::action::Action;
use domain::id::{DeploymentId, ModelRef};
use domain::wire::{ClearStatistics, DeploymentView};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api;
use crate::components::{Choice, Field, Modal};
use crate::pages::actions::why_not;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{Submission, written};
use crate::state::state;
use crate::words::{self, own_zone, zones};

/// Times to choose from: their word, what people read, and in seconds up to now.
const TIMES: [(&str, &str, Option<i64>); 4] = [
    ("hour", "The last hour", Some(3_600)),
    ("day", "The last 24 hours", Some(86_400)),
    ("all", "Everything up to now", None),
    ("own", "From … to …", None),
];

/// Asks what is to be cleared, and why.
#[component]
pub(crate) fn ClearStatisticsDialog(id: DeploymentId) -> impl IntoView {
    let (dialogs, state) = (Dialogs::here(), state());
    let name = state.deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    // The dashboard's list comes without revisions, which know the models.
    state.touch(id.clone());
    view! {
        <Modal title=format!("Clear statistics of {name}?") name="clear-statistics" on_close=move || dialogs.closed()>
            <Question id=id/>
        </Modal>
    }
}

/// The model versions that its revisions bind, the newest revision first.
fn models(view: &DeploymentView) -> Vec<ModelRef> {
    let revisions = view.revision_list.iter().flatten().flat_map(|revision| revision.models.iter());
    let mut found: Vec<ModelRef> = Vec::new();
    for model in view.models.iter().chain(revisions) {
        if !found.contains(model) {
            found.push(model.clone());
        }
    }
    found
}

/// A moment as it is typed, by the clock of the browser; none of an empty text.
fn typed(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let zone = zones::named(&own_zone::name());
    let at: Option<DateTime> = text.parse().ok();
    let at = at.and_then(|at| at.to_zoned(zone).ok()).map(|at| at.timestamp());
    at.map(Some).ok_or_else(|| "must be a date and a time".to_owned())
}

#[component]
fn Question(id: DeploymentId) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let id = StoredValue::new(id);
    let view = Memo::new(move |_| state.deployment(&id.get_value()));
    let (model, time) = (RwSignal::new(String::new()), RwSignal::new(TIMES[0].0.to_owned()));
    let (from, to, reason) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (from_read, to_read) = (Memo::new(move |_| typed(&from.get())), Memo::new(move |_| typed(&to.get())));
    let own = Memo::new(move |_| time.with(|time| time == "own"));
    let options = Signal::derive(move || {
        let mut all = vec![(String::new(), "All models".to_owned())];
        let known = view.with(|view| view.as_deref().map(models).unwrap_or_default());
        all.extend(known.iter().map(|one| (one.to_string(), words::models(std::slice::from_ref(one)))));
        all
    });
    let times: Vec<_> = TIMES.map(|(word, title, _)| (word.to_owned(), title.to_owned())).to_vec();
    let blocked = Signal::derive(move || {
        if let Some(why) = view.with(|view| why_not(view.as_deref()?, Action::ClearStatistics)) {
            return Some(why);
        }
        if own.get() && (from_read.with(Result::is_err) || to_read.with(Result::is_err)) {
            return Some("Correct the fields in red first.".to_owned());
        }
        reason.with(|reason| reason.trim().is_empty()).then(|| "Write the reason.".to_owned())
    });
    let confirm = move || {
        let (Some(view), Some(reason)) = (view.get_untracked(), written(reason)) else { return };
        let seconds =
            time.with_untracked(|time| TIMES.iter().find(|(word, ..)| *word == time.as_str()).and_then(|(.., s)| *s));
        let back = |seconds| Timestamp::now().checked_sub(SignedDuration::from_secs(seconds)).ok();
        let (from, to) = match own.get_untracked() {
            true => (from_read.get_untracked().ok().flatten(), to_read.get_untracked().ok().flatten()),
            false => (seconds.and_then(back), None),
        };
        let what = ClearStatistics { model: model.with_untracked(|model| model.parse().ok()), from, to, reason };
        submission
            .send_for(view.id.clone(), async move { api::deployments::clear_statistics(&view.name, &what).await });
    };
    view! {
        <div class="content">
            <p>"Numbers of requests, errors and latencies of this time go for good: from the charts, from the table and from the numbers of the dashboard. Receipts of rollouts, recorded requests and the history stay, and the history says who cleared what, and why."</p>
            <div class="form">
                <Choice label="Of" name="clear-model" options=options value=model on_choose=move |value| model.set(value)/>
                <Choice label="Time" name="clear-time" options=times value=time on_choose=move |value| time.set(value)/>
            </div>
            <Show when=move || own.get()>
                <div class="form">
                    <Field label="From" name="clear-from" value=from kind="datetime-local" error=Signal::derive(move || from_read.get().err()) hint="Empty: from the beginning"/>
                    <Field label="To" name="clear-to" value=to kind="datetime-local" error=Signal::derive(move || to_read.get().err()) hint="Empty: up to now"/>
                </div>
            </Show>
            <p class="sub">"It is rounded outward to whole minutes, and further back than 31 days to whole hours."</p>
            <Field label="Reason" name="clear-reason" value=reason placeholder="For the history: why?"/>
            <Refused failure=submission.failure/>
        </div>
        <ConfirmFooter label="Clear statistics".to_owned() danger=true blocked=blocked pending=submission.pending confirm=confirm/>
    }
}
