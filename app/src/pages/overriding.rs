//! Break-glass: what a policy or a freeze forbids is done at once, with a reason.

use domain::id::{FreezeId, PolicyId};
use domain::policy::SHORTEST_OVERRIDE_REASON;
use domain::wire::BreakGlass;
use leptos::prelude::*;

use crate::components::{Area, Banner, Check};
use crate::words::Tone;

/// The things that are overridden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overridden {
    /// The policies.
    pub(crate) policies: Vec<PolicyId>,
    /// The freezes.
    pub(crate) freezes: Vec<FreezeId>,
}

/// The choice to override, with the reason for it.
#[derive(Clone, Copy)]
pub(crate) struct Override {
    /// It is chosen.
    pub(crate) chosen: RwSignal<bool>,
    reason: RwSignal<String>,
}

impl Override {
    /// Not chosen yet.
    pub(crate) fn new() -> Self {
        Self { chosen: RwSignal::new(false), reason: RwSignal::new(String::new()) }
    }

    /// The reason why it cannot be sent as it is chosen; `None` when it can.
    pub(crate) fn blocked(self) -> Option<String> {
        let length = self.reason.with(|reason| reason.trim().chars().count());
        (length < SHORTEST_OVERRIDE_REASON)
            .then(|| format!("Write why it cannot wait, in {SHORTEST_OVERRIDE_REASON} characters or more."))
    }

    /// The override of these, as it is asked of the server.
    pub(crate) fn of(self, overridden: Overridden) -> Option<BreakGlass> {
        let Overridden { policies, freezes } = overridden;
        let reason = self.reason.get_untracked().trim().to_owned();
        (!reason.is_empty()).then_some(BreakGlass { reason, policies, freezes })
    }
}

/// The choice and the reason, for whoever may.
#[component]
pub(crate) fn OverrideFields(
    /// The choice.
    choice: Override,
    /// The things that would be overridden.
    #[prop(into)]
    of: Signal<Overridden>,
) -> impl IntoView {
    let what = move || match of.with(|of| (of.policies.is_empty(), of.freezes.is_empty())) {
        (false, false) => "Override the policy and the freeze, now",
        (false, true) => "Override the policy, now",
        _ => "Override the freeze, now",
    };
    view! {
        {move || view! { <Check label=what() name="break-glass" value=choice.chosen/> }}
        <Show when=move || choice.chosen.get()>
            <Banner tone=Tone::Warning title="Everybody is told, and somebody else must acknowledge it" name="break-glass-banner">
                <Area label="Why can it not wait?" name="break-glass-reason" value=choice.reason rows=2 hint="10 characters or more. It is kept in the history."/>
            </Banner>
        </Show>
    }
}
