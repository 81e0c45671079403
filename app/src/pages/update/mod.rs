//! The update dialog (SAP-2): the configuration, its differences, the rehearsal, and the reason.

mod candidate;
mod checked;
mod compatibility;
mod copy_form;
mod draft;
mod edited;
mod gate;
mod new_versions;
mod obstacles;
mod presets;
mod preview;
mod scale_form;
mod server_preview;
mod strategy_form;
mod when_form;
mod worst;

use domain::action::Action;
use domain::deployment::Reason;
use domain::id::{DeploymentId, RequestId};
use domain::wire::{ConfigurationView, EditRequest};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::compatibility::Compatibility;
use self::copy_form::CopyForm;
use self::draft::Draft;
use self::edited::Edited;
use self::gate::{Gate, Way};
use self::new_versions::NewVersions;
use self::preview::Preview;
use self::strategy_form::StrategyInputs;
use self::when_form::WhenInputs;
use self::worst::Worst;
use super::configuration_list::{ConfigurationList, known_bad};
use super::dialogs::{Dialogs, UpdateTo};
use super::drawn::lost_connection;
use super::query_answer::{QueryAnswer, Refused};
use crate::api::rollouts::Started;
use crate::api::{self, Failure};
use crate::components::{Check, Choice, DialogFooter, Empty, Field, Modal, use_close};
use crate::pages::actions::why_not;
use crate::state::{Query, state};
use crate::words;

/// The dialog.
#[component]
pub(crate) fn UpdateDialog(
    id: DeploymentId,
    chosen: Option<UpdateTo>,
    /// The request that asks for another change instead.
    edits: Option<RequestId>,
) -> impl IntoView {
    let dialogs = Dialogs::here();
    let state = state();
    let name = state.deployment_now(&id).map(|view| view.name.to_string()).unwrap_or_default();
    // The dashboard's list comes without revisions, which know what is bad.
    state.touch(id.clone());
    view! {
        <Modal
            title=format!("Update {name}")
            beside="The URL stays.".to_owned()
            class="wide update"
            name="update"
            on_close=move || dialogs.closed()
        >
            <Body id=id preset=chosen edits=edits/>
        </Modal>
    }
}

#[component]
fn Body(id: DeploymentId, preset: Option<UpdateTo>, edits: Option<RequestId>) -> impl IntoView {
    let state = state();
    let gate = Gate::new(id.clone(), edits);
    let view = Memo::new(move |_| state.deployment(&id));
    let Some(first) = view.get_untracked() else {
        return view! { <div class="content"><Empty title="The deployment is gone"><p>"It was deleted."</p></Empty></div> }.into_any();
    };
    let name = first.name.clone();
    let in_use = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.configuration.clone())));
    let asked = name.clone();
    let query = Query::whenever(
        move || in_use.get(),
        move || {
            let name = asked.clone();
            async move { api::deployments::configurations(&name).await }
        },
    );
    let list = Signal::derive(move || query.value().map(|list| list.to_vec()).unwrap_or_default());
    // A request that is edited asks for something already.
    let suggests = gate.edits.with_value(Option::is_none);
    let draft = Draft::new(&first, view, list, preset, suggests);
    let configuration = Signal::derive(move || match draft.chosen.get() {
        Some(UpdateTo::Configuration(id)) => Some(id),
        _ => None,
    });
    let edited = Edited::read(gate.edits.get_value(), draft, gate);
    let copying = RwSignal::new(false);
    let bad = Signal::derive(move || view.with(|view| view.as_deref().map(known_bad).unwrap_or_default()));
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let unchanged = RwSignal::new(false);
    let close = use_close();
    // The dialog opens before the list is there, with the focus behind it; later the focus stays where it is.
    let begun = StoredValue::new(false);
    let drawn_first = move || !begun.try_update_value(|begun| std::mem::replace(begun, true)).unwrap_or(true);

    let dialogs = Dialogs::here();
    let start = move || {
        let (Some(view), Some(mut rollout)) = (view.get_untracked(), draft.rollout()) else { return };
        (rollout.apply, rollout.break_glass) = untrack(|| (gate.apply(), gate.break_glass()));
        let edits = gate.edits.get_value();
        pending.set(true);
        failure.set(None);
        unchanged.set(false);
        spawn_local(async move {
            let sent = match edits {
                None => api::rollouts::start(&view.name, &rollout).await,
                Some(request) => {
                    let edit = EditRequest { rollout: Some(rollout), apply: None };
                    api::requests::edit(&request, &edit).await.map(|()| Started::Asked(request))
                }
            };
            match sent {
                Ok(Started::Rollout) => {
                    state.touch(view.id.clone());
                    close.run();
                }
                Ok(Started::Asked(request)) => {
                    state.touch(view.id.clone());
                    state.reread_around();
                    dialogs.go(&format!("/approvals/{request}"));
                }
                Ok(Started::Unchanged) => {
                    unchanged.try_set(true);
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            pending.try_set(false);
        });
    };
    let made = move |configuration: ConfigurationView| {
        draft.chosen.set(Some(UpdateTo::Configuration(configuration.id.clone())));
        copying.set(false);
        query.ask();
    };
    let blocked = Signal::derive(move || {
        if unchanged.get() {
            return Some("Its content equals that in use, so nothing was changed.".to_owned());
        }
        let why = lost_connection().or_else(|| view.with(|view| why_not(view.as_deref()?, Action::Update)));
        why.or_else(|| edited.blocked()).or_else(|| draft.blocked()).or_else(|| gate.blocked())
    });
    let label = move || {
        if pending.get() {
            return "Sending…".to_owned();
        }
        let models = draft.candidate.with(|one| one.as_ref().map(|one| words::models(&one.configuration.models)));
        let update = format!("Update to {}", models.unwrap_or_else(|| "it".to_owned()));
        match gate.way() {
            Way::Start => update,
            Way::Ask => "Ask for approval".to_owned(),
            Way::Schedule(label) => label,
            Way::Wait => format!("{update} after the freeze"),
            Way::Keep => "Keep ready to start by hand".to_owned(),
            Way::Override => format!("Override, and {}", update.replacen("Update", "update", 1)),
            Way::Edit => "Ask for this instead".to_owned(),
        }
    };
    let overrides = Memo::new(move |_| gate.way() == Way::Override);
    let go_ahead = Memo::new(move |_| draft.go_ahead());
    view! {
        <div class="update-body">
            <div class="update-pick">
                <div class="picks">
                    <NewVersions draft=draft list=list/>
                    <h3 class="pick-title">"Configurations"</h3>
                    <QueryAnswer query=query lines=5 draw=move |_| view! {
                        <ConfigurationList
                            configurations=list
                            bad=bad
                            chosen=configuration
                            on_choose=move |id| draft.chosen.set(Some(UpdateTo::Configuration(id)))
                            offers_current=false
                            focus=drawn_first()
                        />
                    }.into_any()/>
                </div>
                <button
                    type="button"
                    class="button"
                    data-test="new-from-copy"
                    aria-pressed=move || copying.get().to_string()
                    disabled=move || list.with(Vec::is_empty)
                    on:click=move |_| copying.update(|copying| *copying = !*copying)
                >
                    <crate::components::Glyph icon=crate::components::Icon::Plus/>
                    "New from a copy"
                </button>
            </div>
            <div class="update-detail">
                {move || if copying.get() {
                    let chosen = configuration.get_untracked();
                    let chosen = list.with_untracked(|list| list.iter().find(|one| Some(&one.id) == chosen.as_ref()).cloned());
                    let from = chosen.or_else(|| draft.current.get_untracked());
                    let taken = list.with_untracked(|list| list.iter().map(|one| one.configuration.name.clone()).collect());
                    match from {
                        Some(from) => view! { <CopyForm name=name.clone() from=from taken=taken made=made cancel=move || copying.set(false)/> }.into_any(),
                        None => ().into_any(),
                    }
                } else {
                    view! {
                        <Preview draft=draft/>
                        <Compatibility draft=draft/>
                        <StrategyInputs draft=draft/>
                        <WhyInputs draft=draft/>
                        <WhenInputs gate=gate/>
                        <Refused failure=failure/>
                    }.into_any()
                }}
            </div>
        </div>
        <Show when=move || !copying.get()>
            <DialogFooter
                label=Signal::derive(label)
                danger=overrides
                blocked=blocked
                pending=pending
                confirm=start
            >
                <Worst draft=draft gate=gate/>
                {move || go_ahead.get().map(|what| view! {
                    <Check label=what name="accept_warnings" value=draft.accepted/>
                })}
            </DialogFooter>
        </Show>
    }
    .into_any()
}

/// The reason and a note (DR-1).
#[component]
fn WhyInputs(draft: Draft) -> impl IntoView {
    let mut reasons = vec![(String::new(), "Choose a reason".to_owned())];
    reasons.extend(Reason::ALL.map(|one| (one.to_string(), words::reason(one).to_owned())));
    view! {
        <section>
            <h3 class="section-title">"Why"</h3>
            <div class="form">
                <Choice label="Reason" name="reason" options=reasons value=draft.reason on_choose=move |value| draft.reason.set(value)/>
                <Field label="Note" name="note" value=draft.note class="wide" placeholder="For the history: what should get better?"/>
            </div>
        </section>
    }
}
