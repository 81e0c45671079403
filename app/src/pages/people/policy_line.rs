//! One policy: its sentence, of which each underlined word opens its choice in place.

use domain::id::PolicyId;
use domain::policy::PolicyTerms;
use domain::wire::PolicyView;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use super::sentence::{self, Slot};
use super::slots::WordChoice;
use crate::api::{self, Failure};
use crate::components::{Glyph, Icon, Menu, MenuItem};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::count;

/// The terms that a new policy begins with.
fn usual() -> Option<PolicyTerms> {
    let terms = json!({
        "name": "New policy",
        "actions": ["replace"],
        "importance": "above_moderate",
        "approvals": 1,
        "expires": { "after": "7d", "action": "cancel" },
    });
    serde_json::from_value(terms).ok()
}

/// The line; without a policy, that of a new one. What is being written stays when the policy is read again.
#[component]
pub(super) fn PolicyLine(id: Option<PolicyId>) -> impl IntoView {
    let Some(usual) = usual() else { return ().into_any() };
    let state = state();
    let around: Around = expect_context();
    let is_new = id.is_none();
    let id = StoredValue::new(id);
    let view: Memo<Option<PolicyView>> = Memo::new(move |_| {
        let all = around.policies.value()?;
        id.with_value(|id| all.iter().find(|view| Some(&view.policy.id) == id.as_ref()).cloned())
    });
    let saved = Memo::new(move |_| {
        view.with(|view| view.as_ref().map_or_else(|| usual.clone(), |view| view.policy.terms.clone()))
    });
    let draft = RwSignal::new(saved.get_untracked());
    let open = RwSignal::new(is_new.then_some(Slot::Rest));
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let changed = Memo::new(move |_| is_new || draft.with(|draft| saved.with(|saved| saved != draft)));
    let overtaken = RwSignal::new(false);
    Effect::new(move |before: Option<PolicyTerms>| {
        let now = saved.get();
        if let Some(before) = before.filter(|before| *before != now) {
            let is_mine = draft.with_untracked(|draft| *draft == now);
            let untouched = draft.with_untracked(|draft| *draft == before);
            if untouched {
                draft.set(now.clone());
            }
            overtaken.set(!untouched && !is_mine);
        }
        now
    });
    let wrong = Memo::new(move |_| draft.with(|draft| draft.check().err().map(|error| error.to_string())));
    let admin = state.is_admin();
    let name = move |id: &domain::principal::PrincipalId| state.name_of(id);
    let word = move |slot: Slot, test: &'static str, text: Signal<String>| {
        if !admin {
            return view! { <b class="slot-word">{text}</b> }.into_any();
        }
        let toggle = move |_| open.update(|open| *open = if *open == Some(slot) { None } else { Some(slot) });
        view! {
            <button type="button" class="slot-word" data-test=test aria-expanded=move || (open.get() == Some(slot)).to_string() on:click=toggle>
                {text}
            </button>
        }
        .into_any()
    };
    let of = move |part: fn(&PolicyTerms) -> String| Signal::derive(move || draft.with(part));
    let requesters =
        Signal::derive(move || draft.with(|draft| sentence::named(draft.requesters.iter().cloned(), "anybody", name)));
    let reviewers = Signal::derive(move || {
        draft.with(|draft| sentence::named(draft.reviewers.iter().cloned(), "administrators", name))
    });
    let use_cases =
        Signal::derive(move || draft.with(|draft| sentence::use_cases(&draft.use_cases, |id| state.use_case_name(id))));
    // Where there is none, the sentence says nothing of it.
    let says_use_cases =
        Memo::new(move |_| draft.with(|draft| !draft.use_cases.is_empty()) || !state.use_case_names().is_empty());
    let can_review = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.reviewers.len())));
    let waits = Memo::new(move |_| view.with(|view| view.as_ref().map_or(0, |view| view.open_requests)));
    let nobody = move || can_review.get() == Some(0);
    let below = move || {
        let terms = draft.get();
        let mut parts = Vec::new();
        if !terms.active {
            parts.push("switched off: it asks for nothing".to_owned());
        }
        if waits.get() > 0 {
            parts.push(count(waits.get() as usize, "request waits", "requests wait"));
        }
        parts.extend(terms.reminder.map(|period| format!("reminder after {period}")));
        parts.push(match terms.expires {
            Some(expiry) => format!("cancels after {}", expiry.after),
            None => "requests stay open".to_owned(),
        });
        parts.push(format!("an approval counts for {}", terms.approval_valid_for));
        if let Some(people) = can_review.get().filter(|people| *people > 0) {
            parts.push(format!("{} can review", count(people, "person", "people")));
        }
        parts.join(" · ")
    };
    let forget = move || {
        if is_new {
            around.open.run(String::new());
        } else {
            draft.set(saved.get_untracked());
            open.set(None);
            overtaken.set(false);
            failure.set(None);
        }
    };
    let send = move |delete: bool| {
        pending.set(true);
        failure.set(None);
        let (id, terms) = (id.get_value(), draft.get_untracked());
        spawn_local(async move {
            let sent = match id.as_ref().filter(|_| delete) {
                Some(id) => api::policies::delete(id).await,
                None => api::policies::save(id.as_ref(), &terms).await,
            };
            match sent {
                Ok(()) => {
                    if is_new {
                        around.open.run(String::new());
                    }
                    open.try_set(None);
                    overtaken.try_set(false);
                    around.policies.ask();
                }
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
            pending.try_set(false);
        });
    };
    let title = Memo::new(move |_| draft.with(|draft| draft.name.clone()));
    let menu = id.get_value().map(|id| id.to_string());
    view! {
        <div class="row-line policy" class:warning=nobody role="listitem" data-test="policy">
            <span class="what">
                <span class="small second">{title}</span>
                <span class="sentence" data-test="sentence">
                    {word(Slot::Actions, "slot-actions", of(sentence::actions))}" on "
                    {word(Slot::Importance, "slot-importance", of(sentence::importance))}", "
                    {move || says_use_cases.get().then(|| view! { {word(Slot::UseCases, "slot-use-cases", use_cases)}", " })}
                    "asked by "
                    {word(Slot::Requesters, "slot-requesters", requesters)}", needs "
                    {word(Slot::Approvals, "slot-approvals", of(|terms| terms.approvals.to_string()))}" of "
                    {word(Slot::Reviewers, "slot-reviewers", reviewers)}"."
                </span>
                {move || nobody().then(|| view! {
                    <span class="small warning warn-line"><Glyph icon=Icon::Warning/>"Nobody can review: none of its reviewers is an enabled person"</span>
                })}
                <span class="sub">{below}</span>
                {move || open.get().map(|slot| view! {
                    <div class="slot-choice" data-test="slot-choice"><WordChoice place=slot draft=draft/></div>
                })}
                <Refused failure=failure/>
                <Show when=move || changed.get()>
                    <span class="buttons">
                        <button
                            type="button"
                            class="button small primary"
                            data-test="save-policy"
                            disabled=move || pending.get() || wrong.with(Option::is_some) || lost_connection().is_some()
                            title=move || wrong.get()
                            on:click=move |_| send(false)
                        >
                            {if is_new { "Create policy" } else { "Save" }}
                        </button>
                        <button type="button" class="button small quiet" on:click=move |_| forget()>{if is_new { "Cancel" } else { "Discard changes" }}</button>
                        <span class="sub" class:warning=overtaken>{move || wrong.get().unwrap_or_else(|| match overtaken.get() {
                            true => "Somebody else has changed it meanwhile. Saving puts yours in its place.".to_owned(),
                            false => "Open requests are judged by the changed policy.".to_owned(),
                        })}</span>
                    </span>
                </Show>
            </span>
            {(admin && !is_new).then(|| view! {
                <span class="buttons">
                    <button type="button" class="button small quiet" data-test="edit-policy" on:click=move |_| open.update(|open| *open = if open.is_some() { None } else { Some(Slot::Rest) })>"Edit"</button>
                    <Menu label=format!("Actions for {}", title.get_untracked()) id=format!("policy-{}", menu.clone().unwrap_or_default())>
                        <MenuItem
                            label={if saved.with(|terms| terms.active) { "Switch off" } else { "Switch on" }}
                            name="toggle-policy"
                            on_choose=move || {
                                draft.update(|terms| terms.active = !terms.active);
                                send(false);
                            }
                        />
                        <MenuItem label="Delete" name="delete-policy" danger=true on_choose=move || send(true)/>
                    </Menu>
                </span>
            })}
        </div>
    }
    .into_any()
}
