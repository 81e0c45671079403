//! The progress of a check of a candidate in a scratch replica.

use domain::compat::CheckStep;
use leptos::prelude::*;

use super::{Glyph, Icon};

/// The steps on the way, with those that are done and the one that goes on.
#[component]
pub(crate) fn CheckProgress(step: CheckStep) -> impl IntoView {
    let steps = CheckStep::ALL.into_iter().filter(|one| *one != CheckStep::Ended).map(|one| {
        let class = match one.cmp(&step) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "next",
        };
        view! {
            <li class=class aria-current=(one == step).then_some("step")>
                {(class == "done").then(|| view! { <Glyph icon=Icon::Check/> })}
                {(class != "done").then(|| view! { <i class="dot" aria-hidden="true"></i> })}
                {one.title()}
            </li>
        }
    });
    view! { <ol class="check-steps" data-test="check-progress" data-step=crate::words::compat::key(&step)>{steps.collect_view()}</ol> }
}
