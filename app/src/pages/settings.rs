//! The settings that need no rollout: importance, failure mode, strategy, description, tags, properties and check rules.

use domain::action::Action;
use domain::deployment::Importance;
use domain::id::DeploymentId;
use domain::wire::{DeploymentView, PatchDeployment};
use leptos::prelude::*;

use super::actions::why_not_now;
use super::checks_form::{ChecksDraft, ChecksFields};
use super::dialogs::Dialogs;
use super::failure_modes::failure_modes;
use super::kept_draft::KeptDraft;
use super::pairs::{lines_of, pairs};
use super::query_answer::Refused;
use super::strategy::{StrategyDraft, StrategyFields};
use super::submission::{HowItIsDone, Submission};
use crate::api;
use crate::components::{Area, Choice, DialogFooter, Field, Modal};
use crate::state::state;

/// The dialog.
#[component]
pub(crate) fn SettingsDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let view = state().deployment_now(&id);
    let name = view.as_ref().map(|view| view.name.to_string()).unwrap_or_default();
    view! {
        <Modal
            title=format!("Settings of {name}")
            beside="No replica is touched.".to_owned()
            class="middle"
            name="settings"
            on_close=move || dialogs.closed()
        >
            {view.map(|view| view! { <Form view=view/> })}
        </Modal>
    }
}

#[component]
fn Form(view: std::sync::Arc<DeploymentView>) -> impl IntoView {
    let submission = Submission::here();
    let may_not = why_not_now(view.id.clone(), Action::ChangeSettings);
    let importance = RwSignal::new(view.importance.to_string());
    let on_failure = RwSignal::new(view.on_failure.to_string());
    let strategy = StrategyDraft::of(view.strategy);
    let description = RwSignal::new(view.description.clone());
    let (tags, properties) = (RwSignal::new(lines_of(&view.tags)), RwSignal::new(lines_of(&view.properties)));
    if let Some(kept) = KeptDraft::here() {
        let texts = [
            ("importance", importance),
            ("on_failure", on_failure),
            ("description", description),
            ("tags", tags),
            ("properties", properties),
        ];
        texts.into_iter().for_each(|(field, text)| kept.keep(field, text));
        strategy.keep(&kept);
    }
    let tags_read = Memo::new(move |_| pairs(&tags.get()));
    let properties_read = Memo::new(move |_| pairs(&properties.get()));
    let checks = ChecksDraft::of(&view.checks);
    let before = StoredValue::new(view.clone());
    let change = move || -> Option<PatchDeployment> {
        let view = before.get_value();
        let change = PatchDeployment {
            importance: importance.with(|word| word.parse().ok()),
            on_failure: on_failure.with(|word| word.parse().ok()),
            strategy: Some(strategy.read.get().ok()?).filter(|one| *one != view.strategy).map(Into::into),
            description: Some(description.get()).filter(|text| *text != view.description),
            tags: Some(tags_read.get().ok()?).filter(|tags| *tags != view.tags),
            properties: Some(properties_read.get().ok()?).filter(|properties| *properties != view.properties),
            checks: Some(checks.read()?).filter(|checks| *checks != view.checks),
            ..PatchDeployment::default()
        };
        Some(PatchDeployment {
            importance: change.importance.filter(|one| *one != view.importance),
            on_failure: change.on_failure.filter(|one| *one != view.on_failure),
            ..change
        })
    };
    let blocked = Signal::derive(move || match change() {
        _ if may_not.with(Option::is_some) => may_not.get(),
        None => Some(strategy.problem().unwrap_or_else(|| "Correct the fields in red first.".to_owned())),
        Some(change) if change == PatchDeployment::default() => Some("Nothing has been changed yet.".to_owned()),
        Some(_) => submission.blocked(),
    });
    let save = move || {
        let (view, Some(change)) = (before.get_value(), untrack(change)) else { return };
        let change = PatchDeployment { apply: submission.apply(), break_glass: submission.break_glass(), ..change };
        submission.send_for(view.id.clone(), async move { api::deployments::change(&view.name, &change).await });
    };
    let options: Vec<_> = Importance::ALL.map(|one| (one.to_string(), one.to_string())).to_vec();
    view! {
        <div class="content">
            <div class="form">
                <Choice label="Importance" name="importance" options=options value=importance on_choose=move |value| importance.set(value)/>
                <Choice label="When an update fails" name="on_failure" options=failure_modes(None) value=on_failure on_choose=move |value| on_failure.set(value)/>
            </div>
            <h3 class="section-title">"Strategy" <span class="sub">"of updates that do not set their own"</span></h3>
            <div class="form strategy"><StrategyFields draft=strategy/></div>
            <Field label="Description" name="description" value=description placeholder="What is it for?"/>
            <div class="two">
                <Area label="Tags (KEY=value, one per line)" name="tags" value=tags rows=4 error=Signal::derive(move || tags_read.get().err())/>
                <Area
                    label="Properties (KEY=value, one per line)"
                    name="properties"
                    value=properties
                    rows=4
                    error=Signal::derive(move || properties_read.get().err())
                    hint="Properties can be added and changed, but not removed."
                />
            </div>
            <h3 class="section-title">"Check rules" <span class="sub">"what a candidate must meet besides its signature"</span></h3>
            <ChecksFields draft=checks/>
            <Refused failure=submission.failure/>
            <HowItIsDone submission=submission/>
        </div>
        <DialogFooter
            label=Signal::derive(move || if submission.pending.get() { "Saving…".to_owned() } else { submission.label(|| "Save".to_owned()) })
            blocked=blocked
            pending=submission.pending
            confirm=save
        />
    }
}
