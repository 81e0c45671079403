//! The compatibility report that allowed a rollout (DR-2).

use domain::compat::Report;
use leptos::prelude::*;

use crate::components::{CompatibilityReport, VerdictBadge};
use crate::words::compat as words;

/// The verdict in a line; the checks open below it.
#[component]
pub(super) fn AllowedBy(report: Report) -> impl IntoView {
    let (verdict, counts) = (report.verdict, words::counts(&report));
    view! {
        <details class="allowed-by" data-test="allowed-by">
            <summary>"Checks: "<VerdictBadge verdict=verdict/>" "<span class="sub">{counts}</span></summary>
            <CompatibilityReport report=report bare=true/>
        </details>
    }
}
