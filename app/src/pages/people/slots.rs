//! The choices behind the words of a policy's sentence.

use std::collections::BTreeSet;

use domain::deployment::Importance;
use domain::id::UseCaseId;
use domain::policy::{Expiry, ExpiryAction, GatedAction, ImportanceRange, ImportanceScope, PolicyTerms};
use domain::principal::{PrincipalId, PrincipalKind};
use leptos::prelude::*;

use super::sentence::Slot;
use crate::components::{Check, Choice, Field, Ticks};
use crate::state::state;
use crate::words::requests::doing;

/// The choice for one of the words. What is chosen is in the draft at once.
#[component]
pub(super) fn WordChoice(place: Slot, draft: RwSignal<PolicyTerms>) -> impl IntoView {
    match place {
        Slot::Actions => view! { <ActionTicks draft=draft/> }.into_any(),
        Slot::Importance => view! { <ImportanceChoice draft=draft/> }.into_any(),
        Slot::Requesters => view! {
            <PrincipalTicks label="Only when somebody of these groups asks (none chosen: anybody)" kinds=&[PrincipalKind::Group] draft=draft
                read=|terms| terms.requesters.clone() write=|terms, chosen| terms.requesters = chosen/>
        }
        .into_any(),
        Slot::Reviewers => view! {
            <PrincipalTicks label="Who may review (none chosen: administrators)" kinds=&[PrincipalKind::Group, PrincipalKind::Person] draft=draft
                read=|terms| terms.reviewers.clone() write=|terms, chosen| terms.reviewers = chosen/>
        }
        .into_any(),
        Slot::UseCases => view! { <UseCaseTicks draft=draft/> }.into_any(),
        Slot::Approvals => view! { <Number draft=draft/> }.into_any(),
        Slot::Rest => view! { <Rest draft=draft/> }.into_any(),
    }
}

/// Keeps what is chosen and the draft the same.
fn bound<T: Clone + PartialEq + Send + Sync + 'static>(
    draft: RwSignal<PolicyTerms>,
    first: T,
    write: impl Fn(&mut PolicyTerms, T) + 'static,
) -> RwSignal<T> {
    let chosen = RwSignal::new(first);
    Effect::new(move |before: Option<T>| {
        let now = chosen.get();
        if before.is_some_and(|before| before != now) {
            draft.update(|terms| write(terms, now.clone()));
        }
        now
    });
    chosen
}

#[component]
fn ActionTicks(draft: RwSignal<PolicyTerms>) -> impl IntoView {
    let first = draft.with_untracked(|terms| terms.actions.clone());
    let chosen = bound(draft, first, |terms, chosen: BTreeSet<GatedAction>| terms.actions = chosen);
    let all = GatedAction::ALL.map(|action| (action, doing(action).to_owned())).to_vec();
    view! { <Ticks label="What needs approvals" all=all chosen=chosen/> }
}

#[component]
fn ImportanceChoice(draft: RwSignal<PolicyTerms>) -> impl IntoView {
    let first = draft.with_untracked(|terms| terms.importance.clone());
    let listed = match &first {
        ImportanceScope::Listed(listed) => listed.clone(),
        ImportanceScope::Range(_) => BTreeSet::new(),
    };
    let word = match &first {
        ImportanceScope::Range(range) => range.to_string(),
        ImportanceScope::Listed(_) => "listed".to_owned(),
    };
    let kind = RwSignal::new(word);
    let levels = bound(draft, listed, |terms, chosen| terms.importance = ImportanceScope::Listed(chosen));
    let choose = move |word: String| {
        let scope = match word.parse::<ImportanceRange>() {
            Ok(range) => ImportanceScope::Range(range),
            Err(_) => ImportanceScope::Listed(levels.get_untracked()),
        };
        draft.update(|terms| terms.importance = scope);
        kind.set(word);
    };
    let options = vec![
        ("any".to_owned(), "any importance".to_owned()),
        ("above_moderate".to_owned(), "high or critical".to_owned()),
        ("listed".to_owned(), "those that are ticked".to_owned()),
    ];
    view! {
        <div class="form">
            <Choice label="On deployments of" name="policy-importance" options=options value=kind on_choose=choose/>
            <Show when=move || kind.get() == "listed">
                <Ticks label="Importance" all=Importance::ALL.map(|one| (one, one.to_string())).to_vec() chosen=levels/>
            </Show>
        </div>
    }
}

#[component]
fn PrincipalTicks(
    label: &'static str,
    kinds: &'static [PrincipalKind],
    draft: RwSignal<PolicyTerms>,
    read: fn(&PolicyTerms) -> BTreeSet<PrincipalId>,
    write: fn(&mut PolicyTerms, BTreeSet<PrincipalId>),
) -> impl IntoView {
    let state = state();
    let chosen = bound(draft, draft.with_untracked(read), write);
    let all = move || {
        let mut all: Vec<_> = state
            .principals()
            .into_iter()
            .filter(|one| kinds.contains(&one.kind) && !one.disabled)
            .map(|one| (one.id, one.name))
            .collect();
        all.sort_by_key(|(id, name)| (id.kind() != PrincipalKind::Group, name.to_lowercase()));
        all
    };
    move || {
        let all = all();
        if all.is_empty() {
            return view! { <p class="sub">"There is nobody to choose yet: make a group first."</p> }.into_any();
        }
        view! { <Ticks label=label all=all chosen=chosen/> }.into_any()
    }
}

#[component]
fn UseCaseTicks(draft: RwSignal<PolicyTerms>) -> impl IntoView {
    let state = state();
    let first = draft.with_untracked(|terms| terms.use_cases.clone());
    let chosen = bound(draft, first, |terms, chosen: BTreeSet<UseCaseId>| terms.use_cases = chosen);
    view! {
        <Ticks label="Only deployments of these use cases (none chosen: every deployment)" all=Signal::derive(move || state.use_case_names()) chosen=chosen/>
        <p class="sub">"Whoever owns a deployment links it to them; only administrators take it out again."</p>
    }
}

#[component]
fn Number(draft: RwSignal<PolicyTerms>) -> impl IntoView {
    let first = draft.with_untracked(|terms| terms.approvals.to_string());
    let text = bound(draft, first, |terms, text: String| terms.approvals = text.trim().parse().unwrap_or(0));
    view! { <div class="form"><Field label="Approvals, by different people" name="policy-approvals" value=text inputmode="numeric" class="short"/></div> }
}

/// Its name, whether it is active, and its times.
#[component]
fn Rest(draft: RwSignal<PolicyTerms>) -> impl IntoView {
    let terms = draft.get_untracked();
    let name = bound(draft, terms.name.clone(), |terms, name| terms.name = name);
    let active = bound(draft, terms.active, |terms, active| terms.active = active);
    let shown = |period: Option<domain::period::Period>| period.map(|period| period.to_string()).unwrap_or_default();
    let reminder = RwSignal::new(shown(terms.reminder));
    let expires = RwSignal::new(shown(terms.expires.map(|expiry| expiry.after)));
    let valid = RwSignal::new(terms.approval_valid_for.to_string());
    let read = move |text: RwSignal<String>| -> Result<Option<domain::period::Period>, String> {
        match text.get().trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|error: domain::period::InvalidPeriod| error.to_string()),
        }
    };
    let wrong = move |text: RwSignal<String>| Signal::derive(move || read(text).err());
    Effect::new(move |before: Option<bool>| {
        let (reminder, expires, valid) = (read(reminder), read(expires), read(valid));
        if before.is_some() {
            draft.update(|terms| {
                if let Ok(reminder) = reminder {
                    terms.reminder = reminder;
                }
                if let Ok(expires) = expires {
                    terms.expires = expires.map(|after| Expiry { after, action: ExpiryAction::Cancel });
                }
                if let Ok(Some(valid)) = valid {
                    terms.approval_valid_for = valid;
                }
            });
        }
        true
    });
    view! {
        <div class="form">
            <Field label="Name" name="policy-name" value=name class="wide"/>
            <Field label="Reminder after" name="policy-reminder" value=reminder class="short" placeholder="never" error=wrong(reminder)/>
            <Field label="Cancels after" name="policy-expires" value=expires class="short" placeholder="never" error=wrong(expires)/>
            <Field label="Approval counts for" name="policy-valid" value=valid class="short" error=wrong(valid)/>
        </div>
        <Check label="It is active" name="policy-active" value=active/>
        <p class="sub">"Press an underlined word to choose what stands there."</p>
    }
}
