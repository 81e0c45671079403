//! The lines at the top of a request: what moved, what holds it, and how it ended.

use domain::change_request::{RequestState, WaitingFor};
use domain::exact_plan::fields_in_words;
use domain::wire::ChangeRequestView;
use leptos::prelude::*;

use super::subject::RequestSubject;
use crate::api::href;
use crate::api::requests::RequestStep;
use crate::components::{Banner, Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::named::Named;
use crate::pages::query_answer::Refused;
use crate::state::state;
use crate::words::{Tone, own_zone, times};

/// What somebody has to know before anything else.
#[component]
pub(super) fn News() -> impl IntoView {
    let state = state();
    let subject: RequestSubject = expect_context();
    let view = subject.view;
    let refused = Signal::derive(move || subject.failure.get().filter(|_| !subject.moved_on()));
    view! {
        {move || subject.moved_on().then(|| view! {
            <Banner tone=Tone::Warning title="Nothing was approved: the plan has changed meanwhile" name="plan-changed">
                <p>{move || subject.failure.get().map(|failure| failure.detail())}" What you see below is the plan as it is now."</p>
            </Banner>
        })}
        <Refused failure=refused/>
        {move || view.with(|view| view.as_ref().filter(|view| view.state == RequestState::Stale).map(|view| {
            let can = view.offers.edit.allowed;
            let author = view.author.clone();
            let moved = moved(view);
            view! {
                <Banner tone=Tone::Warning title="Stale: the deployment has changed" name="stale-request">
                    <p>{moved}" After a rebase it needs its approvals again."</p>
                    <div class="actions">
                        {if can {
                            view! {
                                <button
                                    type="button"
                                    class="button small"
                                    data-test="rebase"
                                    disabled=move || subject.pending.get() || lost_connection().is_some()
                                    on:click=move |_| subject.step(RequestStep::Rebase)
                                >
                                    "Rebase"
                                </button>
                            }.into_any()
                        } else {
                            view! { <span class="sub">"Ask "<Named id=author/>" to rebase it."</span> }.into_any()
                        }}
                    </div>
                </Banner>
            }
        }))}
        {move || view.with(|view| view.as_ref().filter(|view| view.ended.is_none()).map(|view| {
            let holds = view.freezes.iter().map(|freeze| {
                let until = match freeze.until {
                    Some(until) => format!("until {}", own_zone::moment_and_place(until)),
                    None => "until somebody lifts it".to_owned(),
                };
                view! { <p>{format!("{} {until}. {}", freeze.name, freeze.reason)}</p> }
            }).collect_view();
            (!view.freezes.is_empty()).then(|| view! {
                <Banner tone=Tone::Moving title="A freeze holds this deployment" name="held">
                    {holds}
                    <p class="sub">"The change starts by itself when the freeze ends, if it is approved by then."</p>
                </Banner>
            })
        }))}
        {move || view.with(|view| view.as_ref().and_then(|view| match view.waiting_for {
            Some(WaitingFor::Operation) => Some("The change waits until another operation on the deployment has ended, and then starts by itself."),
            Some(WaitingFor::Check) => Some("The check of the model was too old: it runs again, and the change starts by itself unless the outcome is worse."),
            Some(WaitingFor::Freeze) | None => None,
        }).map(|text| view! { <p class="quiet-box" data-test="waits"><Glyph icon=Icon::Clock/>{text}</p> }))}
        {move || view.with(|view| view.as_ref().and_then(|view| {
            let end = view.ended.clone()?;
            let (icon, text) = match view.state {
                RequestState::Applied => (Icon::Check, "The change was approved and started.".to_owned()),
                RequestState::Cancelled => (Icon::Close, "The request was cancelled. Nothing was changed.".to_owned()),
                RequestState::Expired => (Icon::Clock, "The change was not started in time, and the request ended by itself. Nothing was changed.".to_owned()),
                _ => (Icon::Stop, "The change could not be started.".to_owned()),
            };
            let problem = end.problem.clone();
            let name = view.deployment_name.clone();
            let now = state.now();
            let at = end.at;
            Some(view! {
                <p class="quiet-box" data-test="ended">
                    <Glyph icon=icon/>
                    <span>{text}" "{problem}</span>
                    <span class="sub" title=times::exact(at)>{move || times::ago(at, now.get())}</span>
                    {end.rollout.map(|number| view! {
                        <a href=href(&format!("/deployments/{name}?tab=rollouts"))>{format!("Rollout {number}")}</a>
                    })}
                </p>
            })
        }))}
    }
}

/// What has moved since it was asked for, in a sentence.
fn moved(view: &ChangeRequestView) -> String {
    let fields = fields_in_words(&view.moved).join(", ");
    let revisions = match (&view.base, &view.base_now) {
        (Some(base), Some(now)) if base.revision != now.revision => match (base.revision, now.revision) {
            (Some(old), Some(new)) => {
                format!("Revision {new} is in use now; this request compares with revision {old}. ")
            }
            _ => String::new(),
        },
        _ => String::new(),
    };
    if fields.is_empty() {
        return format!("{revisions}The deployment has changed since this was asked for.");
    }
    format!("{revisions}What moved: {fields}.")
}
