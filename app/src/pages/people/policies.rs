//! The policies, each as a sentence, with a warning where nobody is left to review, and a question to try them.

use std::sync::Arc;

use domain::wire::PolicyView;
use leptos::prelude::*;

use super::around::Around;
use super::beside::Beside;
use super::policy_line::PolicyLine;
use super::try_it::TryIt;
use crate::components::{Banner, Glyph, Icon};
use crate::pages::query_answer::QueryAnswer;
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
    let draw = move |policies: Arc<Vec<PolicyView>>| {
        let abandoned: Vec<_> =
            policies.iter().filter(|view| view.policy.terms.active && view.reviewers.is_empty()).cloned().collect();
        let nothing = policies.is_empty();
        view! {
            {abandoned.into_iter().map(|view| {
                let waits = match view.open_requests {
                    0 => "Nothing waits for it now, but whoever asks will be refused.".to_owned(),
                    open => format!("{}, and will be cancelled by itself.", count(open as usize, "request waits", "requests wait")),
                };
                view! {
                    <Banner tone=Tone::Warning title=format!("Nobody is left to review under “{}”", view.policy.terms.name) name="nobody-left">
                        <p>"None of its reviewers is an enabled person. "{waits}" Choose other reviewers."</p>
                    </Banner>
                }
            }).collect_view()}
            <section class="part">
                <div class="part-head"><h2>"Policies"</h2><span class="count">{policies.len()}</span><span class="grow"></span><span class="sub">"All that match have to be met."</span></div>
                <div class="panel row-lines" role="list" hidden=move || nothing && !adds.get()>
                    {policies.iter().cloned().map(|view| view! { <PolicyLine view=Some(view)/> }).collect_view()}
                    {move || adds.get().then(|| view! { <PolicyLine view=None/> })}
                </div>
                {move || (nothing && !adds.get()).then(|| view! {
                    <div class="panel nothing" data-test="empty">
                        <Glyph icon=Icon::Approvals/>
                        <b>"No policy yet"</b>
                        <p>"Without one, whoever owns a deployment changes it at once. A policy says which changes need how many approvals, by whom."</p>
                    </div>
                })}
            </section>
        }
        .into_any()
    };
    let some = move || around.policies.value().is_some_and(|policies| !policies.is_empty());
    view! {
        <div class="beneath">
            <div class="stack">
                <QueryAnswer query=around.policies lines=6 draw=draw/>
                <Show when=some><TryIt/></Show>
            </div>
            <Beside/>
        </div>
    }
}
