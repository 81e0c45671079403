//! Every rollout with its steps and receipt, newest first.

use domain::wire::RolloutView;
use leptos::prelude::*;

use super::model_history::ModelHistory;
use super::report::AllowedBy;
use super::subject::Subject;
use crate::api::{self, href};
use crate::components::{Ago, Empty, ReceiptTable, StateLabel, StepList};
use crate::pages::in_address::parameter;
use crate::pages::named::NamedList;
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, state};
use crate::words::{self, numbers, requests, times};

/// As many are read.
const MOST: u32 = 100;

/// The tab.
#[component]
pub(crate) fn RolloutsTab() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let query = Query::whenever(
        move || state.touches(&subject.id()),
        move || async move { api::rollouts::list(&subject.name(), MOST).await },
    );
    // A link can lead to one of them.
    let open = RwSignal::new(parameter("rollout").get_untracked().parse::<u32>().ok());
    let draw = move |rollouts: std::sync::Arc<Vec<RolloutView>>| {
        if rollouts.is_empty() {
            return view! { <Empty title="No rollout yet"><p>"Every update is kept here with its steps and its receipt."</p></Empty> }.into_any();
        }
        view! {
            <ul class="folds">
                {rollouts.iter().cloned().map(|rollout| view! { <Rollout rollout=rollout open=open/> }).collect_view()}
            </ul>
        }
        .into_any()
    };
    view! {
        <ModelHistory/>
        <section class="card">
            <QueryAnswer query=query lines=6 draw=draw/>
        </section>
    }
}

#[component]
fn Rollout(rollout: RolloutView, open: RwSignal<Option<u32>>) -> impl IntoView {
    let state = state();
    let number = rollout.number.0;
    let (word, tone) = words::phase(rollout.phase);
    let way = match rollout.from_revision {
        Some(from) => format!("revision {from} → {}", rollout.to_revision),
        None => format!("revision {}", rollout.to_revision),
    };
    let took = rollout.ended_at.map(|ended| format!("took {}", times::took(rollout.started_at, ended)));
    let counts = format!(
        "{} answered, {} failed",
        numbers::whole(rollout.receipt.total.answered),
        numbers::whole(rollout.receipt.total.failed)
    );
    let mut about: Vec<String> = vec![way];
    about.extend(words::purpose(&rollout));
    about.extend(rollout.reason.map(|reason| words::reason(reason).to_owned()));
    about.push(format!("by {}", state.actor_name(&rollout.actor)));
    about.extend(took);
    let shown = move || open.get() == Some(number);
    let toggle = move |_| open.update(|open| *open = if *open == Some(number) { None } else { Some(number) });
    let (steps, receipt, active) = (rollout.steps.clone(), rollout.receipt.clone(), rollout.phase.is_active());
    view! {
        <li data-test="rollout-entry" data-number=number.to_string()>
            <button type="button" class="fold" aria-expanded=move || shown().to_string() on:click=toggle>
                <crate::components::Glyph icon=crate::components::Icon::Chevron/>
                <b>"Rollout "{number}</b>
                <StateLabel word=word tone=tone/>
                <span class="sub fold-about">{about.join(" · ")}</span>
                <span class="sub fold-counts">{counts}</span>
                <span class="sub fold-when"><Ago at=rollout.started_at now=state.now()/></span>
            </button>
            {move || shown().then(|| view! {
                <div class="fold-body">
                    <div>
                        {rollout.error.clone().map(|error| view! { <p class="bad">{error}</p> })}
                        {rollout.approval.clone().map(|approval| view! {
                            <p class="sub note" data-test="approved-by">
                                {if approval.approvers.is_empty() {
                                    view! { "It needed no approval" }.into_any()
                                } else {
                                    view! { "Approved by "<NamedList ids=approval.approvers/> }.into_any()
                                }}
                                ", "<a href=href(&format!("/approvals/{}", approval.request))>{format!("version {} of the request", approval.version)}</a>
                                ", hash "<code title=rollout.plan_hash.clone()>{requests::short_hash(&rollout.plan_hash)}</code>
                            </p>
                        })}
                        {rollout.break_glass.is_some().then(|| view! {
                            <p class="sub note warning" data-test="overridden">"Started although policies or freezes forbade it: see "<a href=href("/approvals?for=acknowledge")>"what is to be acknowledged"</a></p>
                        })}
                        {rollout.quarantine_override.clone().map(|why| view! { <p class="sub note">"Rolled out although known to be bad: “"{why}"”"</p> })}
                        {rollout.note.clone().map(|note| view! { <p class="sub note">"“"{note}"”"</p> })}
                        {rollout.compatibility.clone().map(|report| view! { <AllowedBy report=report/> })}
                        {if steps.is_empty() {
                            view! { <p class="sub">"No steps are recorded."</p> }.into_any()
                        } else {
                            view! { <StepList steps=steps.clone() active=active/> }.into_any()
                        }}
                    </div>
                    <ReceiptTable receipt=receipt.clone()/>
                </div>
            })}
        </li>
    }
}
