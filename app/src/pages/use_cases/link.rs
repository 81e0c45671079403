//! Linking a deployment to use cases, and taking it out of them.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::action::Action;
use domain::id::{DeploymentId, UseCaseId};
use domain::use_case::UseCaseTerms;
use domain::wire::{DeploymentView, ErrorCode, UseCaseView};
use leptos::prelude::*;

use super::may_make;
use crate::api::{self, Failure};
use crate::components::{DialogFooter, Field, Modal, Ticks};
use crate::pages::actions::why_not_now;
use crate::pages::dialogs::Dialogs;
use crate::pages::query_answer::Refused;
use crate::pages::submission::{Submission, written};
use crate::state::state;
use crate::words::requests::joined;

/// Chooses the use cases of a deployment.
#[component]
pub(crate) fn LinkDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let state = state();
    let Some(view) = state.deployment_now(&id) else { return ().into_any() };
    // What can be chosen may not have been read yet.
    state.reread_around();
    view! {
        <Modal title=format!("Use cases of {}", view.name) name="link" on_close=move || dialogs.closed()>
            <Form view=(*view).clone()/>
        </Modal>
    }
    .into_any()
}

#[component]
fn Form(view: DeploymentView) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let may_not = why_not_now(view.id.clone(), Action::LinkUseCases);
    let before = view.use_case_ids();
    let chosen = RwSignal::new(before.clone());
    let new = RwSignal::new(String::new());
    let before = StoredValue::new(before);
    let all = Signal::derive(move || {
        let mut all = state.use_case_names();
        let known: BTreeSet<_> = all.iter().map(|(id, _)| id.clone()).collect();
        let linked = before.get_value();
        all.extend(
            linked.into_iter().filter(|id| !known.contains(id)).map(|id| (id.clone(), state.use_case_name(&id))),
        );
        all
    });
    let makes = move || new.with(|name| !name.trim().is_empty());
    let is_owner = view.role == Some(Role::Owner);
    let blocked = Signal::derive(move || {
        if let Some(why) = may_not.get() {
            return Some(why);
        }
        if chosen.with(|chosen| before.with_value(|before| before == chosen)) && !makes() {
            return Some("Nothing has been changed yet.".to_owned());
        }
        let terms = UseCaseTerms { name: new.with(|name| name.trim().to_owned()), description: String::new() };
        makes().then(|| terms.check().err().map(|error| error.to_string())).flatten()
    });
    // Told beforehand; the server judges it again.
    let warned = move || {
        let chosen = chosen.get();
        let seen = state.use_cases();
        let of = |ids: BTreeSet<UseCaseId>, but: &dyn Fn(&UseCaseView) -> bool| {
            let named = seen.iter().filter(|one| ids.contains(&one.id) && ruled(one) && but(one));
            joined(&named.map(|one| one.name.clone()).collect::<Vec<_>>(), "and")
        };
        let gone =
            of(before.with_value(|before| before.difference(&chosen).cloned().collect()), &|one| !one.may_unlink);
        let added = of(before.with_value(|before| chosen.difference(before).cloned().collect()), &|_| true);
        let mut told = Vec::new();
        if !gone.is_empty() {
            told.push(format!(
                "Policies or freezes apply to {gone}: only administrators may take a deployment out of it."
            ));
        }
        if !added.is_empty() {
            let who = if is_owner { "" } else { " Only owners of the deployment may link it." };
            told.push(format!(
                "Policies or freezes apply to {added}: from then on they apply to this deployment.{who}"
            ));
        }
        told.join(" ")
    };
    let name = view.name.clone();
    let save = move || {
        let (name, before, chosen) = (name.clone(), before.get_value(), chosen.get_untracked());
        let made = written(new);
        submission.send_for(view.id.clone(), async move {
            // Whatever was done before a refusal stays, and is shown when the dialog opens again.
            let mut outcome = Ok::<(), Failure>(());
            for id in before.difference(&chosen) {
                let taken_out = match api::use_cases::unlink(id, &name).await {
                    Err(failure) if failure.is(ErrorCode::NothingToChange) => Ok(()),
                    answer => answer,
                };
                outcome = outcome.and(taken_out);
            }
            for id in chosen.difference(&before) {
                outcome = outcome.and(api::use_cases::link(id, &name).await);
            }
            if let Some(made) = made.filter(|_| outcome.is_ok()) {
                let terms = UseCaseTerms { name: made, description: String::new() };
                let view = api::use_cases::create(&terms).await?;
                outcome = api::use_cases::link(&view.id, &name).await;
            }
            state.reread_around();
            outcome
        });
    };
    view! {
        <div class="content">
            {move || if all.with(Vec::is_empty) {
                view! { <p class="sub">"There is no use case that you see."</p> }.into_any()
            } else {
                view! { <Ticks label="Use cases of this deployment" all=all chosen=chosen/> }.into_any()
            }}
            <Show when=move || may_make(state)>
                <Field label="New use case" name="new-use-case-name" value=new placeholder="Fraud detection"/>
            </Show>
            <p class="sub" role="status" data-test="link-warned">{warned}</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label="Save".to_owned() blocked=blocked pending=submission.pending confirm=save/>
    }
}

fn ruled(view: &UseCaseView) -> bool {
    !view.policies.is_empty() || !view.freezes.is_empty()
}
