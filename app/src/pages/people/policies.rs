//! The policies, each as a sentence, with a warning where nobody is left to review, and a question to try them.

use std::sync::Arc;

use domain::wire::PolicyView;
use leptos::prelude::*;

use super::around::Around;
use super::beside::Beside;
use super::policy_line::PolicyLine;
use super::try_it::TryIt;
use crate::components::{Banner, Glyph, Icon};
use crate::pages::query_answer::Awaited;
use crate::state::state;
use crate::words::{Tone, count};

/// The tab.
#[component]
pub(super) fn PoliciesTab(
    /// A policy is being made.
    #[prop(into)]
    adding: Signal<bool>,
) -> impl IntoView {
    let around: Around = expect_context();
    let state = state();
    let adds = Memo::new(move |_| adding.get() && state.is_admin());
    let policies = around.policies;
    let ids = Memo::new(move |_| {
        let ids = |all: Arc<Vec<PolicyView>>| all.iter().map(|view| view.policy.id.clone()).collect::<Vec<_>>();
        policies.value().map(ids).unwrap_or_default()
    });
    let there = Memo::new(move |_| policies.value().is_some());
    let nothing = Memo::new(move |_| ids.with(Vec::is_empty) && !adds.get());
    let abandoned = move || {
        let all = policies.value().unwrap_or_default();
        let without = all.iter().filter(|view| view.policy.terms.active && view.reviewers.is_empty()).cloned();
        without.map(|view| {
            let waits = match view.open_requests {
                0 => "No request waits for this policy now, but new ones will be refused.".to_owned(),
                open => format!("{}, and will be cancelled by itself.", count(open as usize, "request waits", "requests wait")),
            };
            view! {
                <Banner tone=Tone::Warning title=format!("Nobody is left to review under “{}”", view.policy.terms.name) name="nobody-left">
                    <p>"None of its reviewers is an enabled person. "{waits}" Choose other reviewers."</p>
                </Banner>
            }
        }).collect_view()
    };
    // The lines stay when the policies are read again, so that nobody's choice is lost meanwhile.
    let lines = move || {
        view! {
            {abandoned}
            <section class="part">
                <div class="part-head"><h2>"Policies"</h2><span class="count">{move || ids.with(Vec::len)}</span><span class="grow"></span><span class="sub">"Every policy that applies has to be met."</span></div>
                <div class="panel row-lines" role="list" hidden=move || nothing.get()>
                    <For each=move || ids.get() key=Clone::clone children=|id| view! { <PolicyLine id=Some(id)/> }/>
                    {move || adds.get().then(|| view! { <PolicyLine id=None/> })}
                </div>
                {move || nothing.get().then(|| view! {
                    <div class="panel nothing" data-test="empty">
                        <Glyph icon=Icon::Approvals/>
                        <b>"No policy yet"</b>
                        <p>"Without one, whoever owns a deployment changes it at once. A policy says which changes need how many approvals, by whom."</p>
                    </div>
                })}
            </section>
        }
    };
    view! {
        <div class="beneath">
            <div class="stack">
                <Awaited query=policies lines=6/>
                <Show when=move || there.get()>{lines()}</Show>
                <Show when=move || !ids.with(Vec::is_empty)><TryIt/></Show>
            </div>
            <Beside/>
        </div>
    }
}
