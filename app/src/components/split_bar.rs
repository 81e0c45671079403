//! The shares of requests that the revision before and the new one answer.

use leptos::prelude::*;

/// A bar, `percent` of which belongs to the new revision.
#[component]
pub(crate) fn SplitBar(
    /// Share of the new revision.
    #[prop(into)]
    percent: Signal<u32>,
    /// The text at the left.
    #[prop(into)]
    before: Signal<String>,
    /// The text at the right.
    #[prop(into)]
    after: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="split" data-test="traffic-share" data-percent=move || percent.get().to_string()>
            <span>{before}</span>
            <div class="split-bar tall" aria-hidden="true">
                <i style:--share=move || (f64::from(percent.get()) / 100.0).to_string()></i>
            </div>
            <span class="after">{after}</span>
        </div>
    }
}
