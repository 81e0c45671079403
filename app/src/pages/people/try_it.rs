//! The question what a change would need, answered for each policy by the server's own match.

use std::sync::Arc;

use domain::policy::GatedAction;
use domain::principal::PrincipalKind;
use domain::wire::{MatchPolicies, Matched};
use leptos::prelude::*;

use crate::api;
use crate::components::Choice;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, state};
use crate::words::requests::{joined, to_do};
use crate::words::{count, own_zone};

/// The card.
#[component]
pub(super) fn TryIt() -> impl IntoView {
    let state = state();
    let (action, set_action) = (parameter("try"), parameter_setter("try"));
    let (who, set_who) = (parameter("who"), parameter_setter("who"));
    let (on, set_on) = (parameter("on"), parameter_setter("on"));
    let deployments = Signal::derive(move || {
        let mut all: Vec<_> = state
            .deployments()
            .iter()
            .map(|view| (view.name.to_string(), format!("{} ({})", view.name, view.importance)))
            .collect();
        all.sort();
        all
    });
    let requesters = Signal::derive(move || {
        let asks = |one: &domain::wire::PrincipalView| {
            matches!(one.kind, PrincipalKind::Person | PrincipalKind::Service) && !one.disabled
        };
        let mut all: Vec<_> = state.principals().into_iter().filter(asks).collect();
        all.sort_by_key(|one| (!state.is_me(&one.id), one.name.clone()));
        let you = |one: &domain::wire::PrincipalView| if state.is_me(&one.id) { ", you" } else { "" };
        all.iter().map(|one| (one.id.to_string(), format!("{}{}", one.name, you(one)))).collect::<Vec<_>>()
    });
    let requester = Memo::new(move |_| match who.get() {
        none if none.is_empty() => requesters.with(|all| all.first().map(|(id, _)| id.clone())),
        id => Some(id),
    });
    let chosen_action = Memo::new(move |_| action.with(|word| word.parse().unwrap_or(GatedAction::Replace)));
    let chosen = Memo::new(move |_| match on.get() {
        none if none.is_empty() => deployments.with(|all| all.first().map(|(name, _)| name.clone())),
        name => Some(name),
    });
    let ready = move || {
        state.requests_changed();
        state.people_changed();
        chosen_action.track();
        requester.track();
        chosen.with(Option::is_some)
    };
    let query = Query::when(ready, move || {
        let (action, deployment) =
            (chosen_action.try_get_untracked().unwrap_or(GatedAction::Replace), chosen.try_get_untracked().flatten());
        let requester = requester.try_get_untracked().flatten().and_then(|id| id.parse().ok());
        let asked = MatchPolicies { requester, ..MatchPolicies::new(deployment, action) };
        async move { api::policies::matched(&asked).await }
    });
    let actions = GatedAction::ALL.map(|action| (action.to_string(), to_do(action).to_owned())).to_vec();
    let draw = move |matched: Arc<Matched>| {
        let needs = matched.needs.clone();
        let lines = matched.policies.iter().cloned().map(move |one| {
            let need = needs.iter().find(|need| need.id == one.id).cloned();
            let text = move || match (&need, one.applies) {
                (Some(need), _) => {
                    let names: Vec<_> = need.can_still.iter().map(|id| state.name_of(id)).collect();
                    let who = match names.len() {
                        0 => "nobody can review it".to_owned(),
                        1..=4 => format!("{} can review", joined(&names, "and")),
                        many => format!("{} can review", count(many, "person", "people")),
                    };
                    format!(" applies: needs {}, {who}.", count(need.needed as usize, "approval", "approvals"))
                }
                (None, true) => " applies.".to_owned(),
                (None, false) => format!(" does not apply. {}", one.why.clone().unwrap_or_default()),
            };
            let state_class = if one.applies { "state waits" } else { "state off" };
            view! {
                <li data-test="match" data-applies=one.applies.to_string()>
                    <span class=state_class></span>
                    <span class:off=!one.applies><b>{one.name.clone()}</b>{text}</span>
                </li>
            }
        });
        let freezes = matched.freezes.iter().map(|freeze| {
            let until = freeze.until.map_or("until somebody lifts it".to_owned(), |until| {
                format!("until {}", own_zone::moment_and_place(until))
            });
            view! { <li><span class="state held"></span><span><b>{freeze.name.clone()}</b>{format!(" holds it {until}.")}</span></li> }
        });
        view! { <ol class="results">{lines.collect_view()}{freezes.collect_view()}</ol> }.into_any()
    };
    view! {
        <section class="part" data-test="try-it">
            <div class="part-head"><h2>"Try it"</h2><span class="grow"></span><span class="sub">"Changes nothing."</span></div>
            <div class="panel try">
                <div class="form">
                    <Choice label="Who" name="try-who" options=requesters value=Signal::derive(move || requester.get().unwrap_or_default()) on_choose=move |value| set_who.run(value)/>
                    <Choice label="does what" name="try-action" options=actions value=Signal::derive(move || chosen_action.get().to_string()) on_choose=move |value| set_action.run(value)/>
                    <Choice label="on which deployment" name="try-deployment" options=deployments value=Signal::derive(move || chosen.get().unwrap_or_default()) on_choose=move |value| set_on.run(value)/>
                </div>
                {move || if chosen.with(Option::is_some) {
                    view! { <QueryAnswer query=query lines=3 draw=draw/> }.into_any()
                } else {
                    view! { <p class="sub">"There is no deployment to try it on yet."</p> }.into_any()
                }}
            </div>
        </section>
    }
}
