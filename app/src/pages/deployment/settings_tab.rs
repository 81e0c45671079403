//! The tab with the settings that need no rollout: importance, failure mode, strategy, description, tags, properties and check rules.

use std::collections::BTreeMap;

use domain::action::Action;
use domain::compat::CheckRules;
use domain::deployment::{Importance, OnFailure};
use domain::strategy::Strategy;
use domain::wire::{DeploymentView, PatchDeployment};
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, href};
use crate::components::{Area, Choice, CloseModal, DialogFooter, Field, Glyph, Icon};
use crate::pages::actions::why_not;
use crate::pages::checks_form::{ChecksDraft, ChecksFields};
use crate::pages::dialogs::{Dialogs, Open};
use crate::pages::failure_modes::failure_modes;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::pairs::{lines_of, pairs};
use crate::pages::query_answer::Refused;
use crate::pages::strategy::{StrategyDraft, StrategyFields};
use crate::pages::submission::{HowItIsDone, Submission};
use crate::state::state;
use crate::words::{self, times};

/// Everything that the form begins with. It is drawn anew when one of these has changed, and only then: what somebody has
/// typed is not lost because a rollout goes on.
#[derive(Clone, PartialEq)]
struct Settled {
    importance: Importance,
    on_failure: OnFailure,
    strategy: Strategy,
    description: String,
    tags: BTreeMap<String, String>,
    properties: BTreeMap<String, String>,
    checks: CheckRules,
}

impl Settled {
    fn of(view: &DeploymentView) -> Self {
        Self {
            importance: view.importance,
            on_failure: view.on_failure,
            strategy: view.strategy,
            description: view.description.clone(),
            tags: view.tags.clone(),
            properties: view.properties.clone(),
            checks: view.checks.clone(),
        }
    }
}

/// The tab.
#[component]
pub(super) fn SettingsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let dialogs = Dialogs::here();
    let settled = Memo::new(move |_| subject.view.with(|view| view.as_deref().map(Settled::of)));
    let undone = RwSignal::new(0_u32);
    // There is no dialog to close: whoever leaves the form begins anew with what is saved.
    let kept = KeptDraft::of(state(), &format!("settings {}", subject.id()));
    kept.clone().provide();
    provide_context(CloseModal::of(move || {
        kept.forget();
        undone.update(|undone| *undone += 1);
    }));
    let why_not = Memo::new(move |_| subject.view.with(|view| why_not(view.as_deref()?, Action::ChangeSettings)));
    let links = Memo::new(move |_| {
        subject.view.with(|view| view.as_ref().is_some_and(|view| self::why_not(view, Action::LinkUseCases).is_none()))
    });
    let use_cases = Memo::new(move |_| {
        subject.view.with(|view| view.as_ref().map(|view| view.use_cases.clone()).unwrap_or_default())
    });
    let link = move |_| dialogs.open(Open::LinkUseCases(subject.id()));
    let fixed = Memo::new(move |_| {
        subject
            .view
            .with(|view| {
                view.as_ref().map(|view| {
                    let expires = view
                        .expires_at
                        .map_or("never".to_owned(), |at| format!("{}, then it is deleted", times::exact(at)));
                    (view.target.to_string(), expires)
                })
            })
            .unwrap_or_default()
    });
    view! {
        <section class="card settings-tab" data-test="settings-tab">
            <div class="card-head"><h2>"Settings"</h2><span class="sub">"No replica is touched."</span></div>
            {move || why_not.get().map(|why| view! { <p class="quiet-box" data-test="read-only"><Glyph icon=Icon::Lock/><span>{words::with_full_stop(&words::sentence(&why))}</span></p> })}
            <fieldset disabled=move || why_not.with(Option::is_some)>
                {move || {
                    undone.track();
                    settled.track();
                    subject.view.get_untracked().map(|view| view! { <Form view=view/> })
                }}
            </fieldset>
        </section>
        <section class="card" data-test="fixed-settings">
            <div class="card-head"><h2>"Fixed when it was created"</h2></div>
            <dl class="fact-list">
                <dt>"target"</dt><dd>{move || fixed.get().0}</dd>
                <dt>"expires"</dt><dd>{move || fixed.get().1}</dd>
            </dl>
        </section>
        <section class="card" data-test="use-cases-setting">
            <div class="card-head">
                <h2>"Use cases"</h2>
                <span class="grow"></span>
                <Show when=move || links.get()>
                    <button type="button" class="button small" data-test="link" on:click=link>"Use cases…"</button>
                </Show>
            </div>
            {move || match use_cases.get() {
                linked if linked.is_empty() => view! { <p class="sub">"It belongs to no use case. A use case gathers deployments that serve one purpose."</p> }.into_any(),
                linked => view! {
                    <p data-test="use-cases">
                        {linked.into_iter().map(|one| view! { <a class="linked" href=href(&format!("/use-cases/{}", one.id))>{one.name}</a>" " }).collect_view()}
                    </p>
                }
                .into_any(),
            }}
        </section>
    }
}

#[component]
fn Form(view: std::sync::Arc<DeploymentView>) -> impl IntoView {
    let submission = Submission::here();
    let importance = RwSignal::new(view.importance.to_string());
    let on_failure = RwSignal::new(view.on_failure.to_string());
    let strategy = StrategyDraft::of(view.strategy);
    let description = RwSignal::new(view.description.clone());
    let (tags, properties) = (RwSignal::new(lines_of(&view.tags)), RwSignal::new(lines_of(&view.properties)));
    let tags_read = Memo::new(move |_| pairs(&tags.get()));
    let properties_read = Memo::new(move |_| pairs(&properties.get()));
    let checks = ChecksDraft::of(&view.checks);
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([
            ("importance", importance),
            ("on_failure", on_failure),
            ("description", description),
            ("tags", tags),
            ("properties", properties),
        ]);
        strategy.keep(&kept);
        checks.keep(&kept);
    }
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
        None => Some(strategy.problem().unwrap_or_else(|| "Fix the marked fields first.".to_owned())),
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
        <div class="settings-form">
            <div class="form">
                <Choice label="Importance" name="importance" options=options value=importance on_choose=move |value| importance.set(value)/>
                <Choice label="When an update fails" name="on_failure" options=failure_modes(None) value=on_failure on_choose=move |value| on_failure.set(value)/>
            </div>
            <h3 class="section-title">"Strategy" <span class="sub">"default for updates"</span></h3>
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
            <h3 class="section-title">"Extra checks" <span class="sub">"what a new version must meet besides its signature"</span></h3>
            <ChecksFields draft=checks/>
            <Refused failure=submission.failure/>
            <HowItIsDone submission=submission/>
        </div>
        <DialogFooter
            label=Signal::derive(move || if submission.pending.get() { "Saving…".to_owned() } else { submission.label(|| "Save".to_owned()) })
            leave="Undo changes"
            blocked=blocked
            pending=submission.pending
            confirm=save
        />
    }
}
