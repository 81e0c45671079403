//! *Moving*: the rollouts in progress, with their versions, replicas, share of the requests, last step and deadline.

use domain::action::Action;
use domain::id::DeploymentId;
use domain::replica::ReplicaState;
use domain::wire::DeploymentView;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::clock::DeadlineClock;
use super::row::Condition;
use super::section::Section;
use crate::api::rollouts::Control;
use crate::api::{self, Failure, href};
use crate::components::{Glyph, Icon, Squares};
use crate::pages::actions::why_not;
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::Refused;
use crate::pages::replica_squares::{replicas_in_words, squares};
use crate::state::state;
use crate::words::{self, news};

/// As many lines are shown before somebody asks for the others.
const FEW: usize = 8;

/// The section.
#[component]
pub(super) fn Moving(ids: Signal<Vec<DeploymentId>>) -> impl IntoView {
    view! { <Section title="Moving" name="moving" ids=ids few=FEW line=|id| view! { <Line id=id/> }/> }
}

/// The versions before and after, where a rollout is in progress.
fn from_to(view: &DeploymentView) -> Option<(Option<String>, String)> {
    let rollout = view.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active())?;
    Some(news::ways(rollout))
}

/// The share of requests that the new revision answers, in percent: requests follow ready replicas (VX-3).
fn share(view: &DeploymentView) -> Option<u32> {
    view.newest_rollout.as_ref().filter(|rollout| !news::is_first(rollout))?;
    let ready = view.replica_list.iter().flatten().filter(|replica| replica.state == ReplicaState::Ready);
    let (new, all) =
        ready.fold((0, 0), |(new, all), replica| (new + u32::from(replica.revision == view.revision), all + 1));
    (new * 100).checked_div(all)
}

#[component]
fn Line(id: DeploymentId) -> impl IntoView {
    let state = state();
    let view = Memo::new(move |_| state.deployment(&id));
    let name =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.name.to_string()).unwrap_or_default()));
    let versions = Memo::new(move |_| view.with(|view| view.as_deref().and_then(from_to)));
    let cells = Memo::new(move |_| view.with(|view| view.as_deref().map(squares).unwrap_or_default()));
    let label = Signal::derive(move || view.with(|view| view.as_deref().map(replicas_in_words).unwrap_or_default()));
    let share = Memo::new(move |_| view.with(|view| view.as_deref().and_then(share)));
    let step = Memo::new(move |_| {
        let step = view.with(|view| view.as_ref()?.newest_rollout.as_ref()?.step.clone());
        step.map(|step| words::sentence(&news::cause(&step))).unwrap_or_default()
    });
    let offered = Memo::new(move |_| {
        let allowed = |action| view.with(|view| view.as_deref().is_some_and(|view| why_not(view, action).is_none()));
        match (allowed(Action::Resume), allowed(Action::Pause)) {
            (true, _) => Some(Control::Resume),
            (false, true) => Some(Control::Pause),
            (false, false) => None,
        }
    });
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    Effect::new(move |_| {
        offered.track();
        pending.set(false);
    });
    let act = move |control: Control| {
        let Some(view) = view.get_untracked() else { return };
        let Some(number) = view.newest_rollout.as_ref().map(|rollout| rollout.number) else { return };
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            if let Err(refused) = api::rollouts::control(&view.name, number, control).await {
                failure.try_set(Some(state.noting(refused)));
                pending.try_set(false);
            }
        });
    };
    view! {
        <div class="row-line moving-line" data-test="moving-line" data-name=name>
            <span class="moving-name">
                <Condition view=view bare=true/>
                <a class="name cut" href=move || href(&format!("/deployments/{}", name.get()))><bdi>{name}</bdi></a>
            </span>
            <span class="moving-versions">
                {move || versions.get().map(|(from, to)| view! {
                    {from.map(|from| view! { <span>{from}</span><span class="sub">" → "</span> })}<b>{to}</b>
                })}
            </span>
            <span class="moving-squares"><Squares squares=cells label=label/></span>
            <span class="moving-share">
                {move || share.get().map(|new| view! {
                    <span class="split">
                        <span>{format!("{} %", 100 - new)}</span>
                        <span class="split-bar" aria-hidden="true"><i style:--share=(f64::from(new) / 100.0).to_string()></i></span>
                        <span>{format!("{new} %")}</span>
                    </span>
                })}
            </span>
            <span class="moving-step sub" title=step>{step}<Refused failure=failure/></span>
            <DeadlineClock view=view/>
            <span class="buttons">
                {move || offered.get().map(|control| {
                    let (icon, label) = match control {
                        Control::Resume => (Icon::Play, "Resume"),
                        _ => (Icon::Pause, "Pause"),
                    };
                    view! {
                        <button
                            type="button"
                            class="button small"
                            disabled=move || pending.get() || lost_connection().is_some()
                            title=lost_connection
                            aria-label=move || format!("{label} the rollout of {}", name.get())
                            on:click=move |_| act(control)
                        >
                            <Glyph icon=icon/>{label}
                        </button>
                    }
                })}
            </span>
        </div>
    }
}
