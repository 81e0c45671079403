//! Every revision with its model, its reason, the way back to it, and its quarantine.

use domain::action::Action;
use domain::id::{DeploymentId, ModelRef, RevisionNumber};
use domain::wire::{RevisionState, RevisionView};
use leptos::prelude::*;

use super::subject::Subject;
use crate::components::{Menu, MenuItem, Skeleton, StateLabel, Tag};
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open, UpdateTo};
use crate::state::state;
use crate::words::{self, Tone, times};

/// Revisions that are shown at once.
const SHOWN: usize = 8;

/// The card with the revisions, newest first (DR-13).
#[component]
pub(crate) fn Revisions() -> impl IntoView {
    let subject: Subject = expect_context();
    let all = RwSignal::new(false);
    let revisions =
        Memo::new(move |_| subject.view.with(|view| view.as_ref().and_then(|view| view.revision_list.clone())));
    let newer = Memo::new(move |_| {
        subject.view.with(|view| view.as_ref().map(|view| view.newer_model_versions.clone()).unwrap_or_default())
    });
    let may_go_back = Memo::new(move |_| {
        subject.view.with(|view| view.as_deref().is_some_and(|view| why_not(view, Action::RollBack).is_none()))
    });
    view! {
        <section data-test="revisions">
            <div class="quiet-head"><h2>"Versions"</h2></div>
            {move || Some(newer.get()).filter(|newer| !newer.is_empty()).map(|newer| view! {
                <ul class="newer">{newer.into_iter().map(|model| view! { <Newer model=model/> }).collect_view()}</ul>
            })}
            {move || match revisions.get() {
                None => view! { <Skeleton lines=3/> }.into_any(),
                Some(revisions) => {
                    let hidden = if all.get() { 0 } else { revisions.len().saturating_sub(SHOWN) };
                    let shown = revisions.len() - hidden;
                    view! {
                        <ul class="revisions">
                            {revisions.into_iter().take(shown).map(|revision| view! { <Revision revision=revision may_go_back=may_go_back/> }).collect_view()}
                        </ul>
                        {(hidden > 0).then(|| view! {
                            <button type="button" class="button quiet small" on:click=move |_| all.set(true)>{format!("Show {hidden} more")}</button>
                        })}
                    }
                    .into_any()
                }
            }}
        </section>
    }
}

/// A version that was registered and never deployed here, with the way to update to it.
#[component]
fn Newer(model: ModelRef) -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let blocked = Memo::new(move |_| subject.view.with(|view| why_not(view.as_deref()?, Action::Update)));
    let to = model.clone();
    let update = move |_| {
        if let Some(view) = subject.view.get_untracked().filter(|_| blocked.with_untracked(Option::is_none)) {
            dialogs.open(Open::Update(view.id.clone(), Some(UpdateTo::Version(to.clone()))));
        }
    };
    let name = format!("{} v{}", model.name, model.version);
    view! {
        <li data-test="newer-version" data-version=model.to_string()>
            <b>{name.clone()}</b>
            <span class="sub">"update available"</span>
            <button
                type="button"
                class="button small"
                aria-disabled=move || blocked.with(|blocked| blocked.is_some().then_some("true"))
                title=move || blocked.get()
                aria-label=format!("Update to {name}")
                on:click=update
            >
                "Update"
            </button>
        </li>
    }
}

#[component]
fn Revision(revision: RevisionView, may_go_back: Memo<bool>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let state = state();
    let number = revision.number;
    let (word, tone) = words::revision(revision.state);
    let could = matches!(revision.state, RevisionState::Past | RevisionState::Failed);
    let back = move |_| {
        if let Some(view) = subject.view.get_untracked() {
            dialogs.open(Open::RollBack(view.id.clone(), Some(number)));
        }
    };
    let why = [
        revision.reason.map(|reason| words::reason(reason).to_owned()),
        revision.rolled_back_to.map(words::rolled_back),
    ];
    let why: String = why.into_iter().flatten().map(|why| format!(" · {why}")).collect();
    let at = revision.created_at;
    let bad = revision.quarantined.clone();
    let is_bad = bad.is_some();
    let open = move |open: fn(DeploymentId, RevisionNumber) -> Open| {
        if let Some(view) = subject.view.get_untracked() {
            dialogs.open(open(view.id.clone(), number));
        }
    };
    // One that failed is no place to go back to; whoever means it finds it in the menu.
    let failed = is_bad || revision.state == RevisionState::Failed;
    let kept = (!could).then(|| format!("it is {word}"));
    view! {
        <li data-test="revision" data-number=number.to_string()>
            <span class="revision-number">{number.to_string()}</span>
            <div class="revision-text">
                <div>
                    <b>{words::models(&revision.models)}</b>" "
                    <StateLabel word=word tone=tone/>" "
                    {bad.clone().map(|bad| view! { <Tag tone=Tone::Bad word="known bad" title=bad.reason/> })}
                </div>
                <div class="sub" title=times::exact(at)>
                    {revision.configuration_name}{why}" · "{move || times::day(at, state.now().get())}" · "{state.actor_name(&revision.actor)}
                </div>
                {bad.map(|bad| view! { <div class="sub bad">{bad.reason}</div> })}
            </div>
            {move || (could && !failed && may_go_back.get()).then(|| view! {
                <button type="button" class="button small" data-test="roll-back-to" on:click=back aria-label=format!("Roll back to revision {number}")>
                    "Roll back"
                </button>
            })}
            <Menu label=format!("Actions for revision {number}") id=format!("revision-{number}")>
                {(could && failed).then(|| view! {
                    <MenuItem
                        label="Try it again…"
                        name="roll-back-to"
                        blocked=(!may_go_back.get_untracked()).then(|| "Rolling back is not possible now.".to_owned())
                        on_choose=move || open(|id, number| Open::RollBack(id, Some(number)))
                    />
                })}
                <MenuItem
                    label=if is_bad { "Lift the quarantine…" } else { "Quarantine…" }
                    name="action-quarantine"
                    on_choose=move || open(Open::Quarantine)
                />
                <MenuItem label="Remove…" name="action-remove" danger=true blocked=kept.clone() on_choose=move || open(Open::Remove)/>
            </Menu>
        </li>
    }
}
