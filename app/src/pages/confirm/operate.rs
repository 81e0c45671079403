//! Deactivating, activating and relaunching a deployment.

use domain::id::DeploymentId;
use domain::wire::{DeploymentView, Operate};
use leptos::prelude::*;

use super::ConfirmFooter;
use crate::api::deployments::Operation;
use crate::api::{self, Failure};
use crate::components::{Check, Field, Modal};
use crate::pages::actions::{beginning, why_not};
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{HowItIsDone, Submission, written};
use crate::state::state;
use crate::words;

/// The operation as a person calls it, and as tests do.
fn called(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Deactivate => ("Deactivate", "deactivate"),
        Operation::Activate => ("Activate", "activate"),
        Operation::Relaunch => ("Relaunch", "relaunch"),
    }
}

/// Asks whether it is to be done, and why.
#[component]
pub(crate) fn OperateDialog(id: DeploymentId, operation: Operation) -> impl IntoView {
    let dialogs = Dialogs::here();
    let name = state().deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    let (word, test) = called(operation);
    view! {
        <Modal title=format!("{word} {name}?") name=test on_close=move || dialogs.closed()>
            <Question id=id operation=operation/>
        </Modal>
    }
}

#[component]
fn Question(id: DeploymentId, operation: Operation) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let id = StoredValue::new(id);
    let view = Memo::new(move |_| state.deployment(&id.get_value()));
    let note = RwSignal::new(String::new());
    let text = move || view.with(|view| view.as_deref().map(|view| effect(view, operation)));
    let blocked = Signal::derive(move || {
        view.with(|view| why_not(view.as_deref()?, beginning(operation))).or_else(|| submission.blocked())
    });
    let label = move || {
        let name = view.with(|view| view.as_ref().map(|view| view.name.to_string())).unwrap_or_default();
        format!("{} {name}", called(operation).0)
    };
    let accepted = RwSignal::new(false);
    // Asked for only once the server has said what it warns of.
    let warned = Memo::new(move |before: Option<&bool>| {
        let now = submission.failure.with(|failure| failure.as_ref().is_some_and(Failure::wants_go_ahead));
        now || before.copied().unwrap_or(false)
    });
    let confirm = move || {
        let Some(view) = view.get_untracked() else { return };
        let (note, accepted) = (written(note), accepted.get_untracked());
        let (apply, break_glass) = (submission.apply(), submission.break_glass());
        let how = Operate { note, accept_warnings: accepted, apply, break_glass, ..Operate::default() };
        let asked = async move { api::deployments::operate(&view.name, operation, &how).await };
        submission.send_for(id.get_value(), asked);
    };
    view! {
        <div class="content">
            <p>{text}</p>
            <Field label="Note" name="operate-note" value=note placeholder="For the history: why?"/>
            <Refused failure=submission.failure/>
            <HowItIsDone submission=submission timed={operation != Operation::Relaunch}/>
            <Show when=move || warned.get()>
                <Check label="I have read the warning" name="accept_warnings" value=accepted/>
            </Show>
        </div>
        <ConfirmFooter label=Signal::derive(move || submission.label(label)) danger={operation == Operation::Deactivate} blocked=blocked pending=submission.pending confirm=confirm/>
    }
}

/// The effect of the operation in a sentence.
fn effect(view: &DeploymentView, operation: Operation) -> String {
    let url = &view.url;
    match operation {
        Operation::Deactivate => format!(
            "Its replicas finish their requests and stop, and {url} answers 503 until the deployment is activated again. Configurations, revisions and history stay."
        ),
        Operation::Activate => format!(
            "The deployment starts again with configuration {} ({}), and {url} answers as soon as a replica is ready.",
            view.configuration_name,
            words::models(&view.models)
        ),
        Operation::Relaunch => format!(
            "Every replica is replaced by a new one with the same configuration (surge {}, unavailable {}). The URL stays, and requests keep being answered.",
            view.strategy.surge_words(),
            view.strategy.max_unavailable
        ),
    }
}
