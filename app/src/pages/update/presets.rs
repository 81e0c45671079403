//! The strategy of an update by name: safe, the deployment's own, fast, or one's own numbers.

use domain::strategy::{Preset, Strategy};
use leptos::prelude::*;

use super::draft::Draft;
use crate::pages::strategy::StrategyFields;

/// A choice of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Safe,
    Default,
    Fast,
    Own,
}

impl Named {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Safe, "safe", "Safe"),
        (Self::Default, "default", "Default"),
        (Self::Fast, "fast", "Fast"),
        (Self::Own, "own", "Own numbers"),
    ];
}

/// The buttons, and the fields where somebody wants numbers.
#[component]
pub(super) fn Presets(draft: Draft) -> impl IntoView {
    let numbers = RwSignal::new(false);
    let own = Memo::new(move |_| draft.view.with(|view| view.as_ref().map(|view| view.strategy).unwrap_or_default()));
    let is = move |limits: Preset| {
        let (surge, unavailable) = limits.limits();
        draft.strategy.has_limits(Some(surge), unavailable)
    };
    // The deployment's own strategy may be one of the named ones: then it is called the default, which says more.
    let now = Memo::new(move |_| {
        let default = own.get();
        match () {
            () if draft.strategy.has_limits(default.max_surge, default.max_unavailable) => Named::Default,
            () if is(Preset::Safe) => Named::Safe,
            () if is(Preset::Fast) => Named::Fast,
            () => Named::Own,
        }
    });
    let shown = Memo::new(move |_| numbers.get() || now.get() == Named::Own);
    let choose = move |named: Named| match named {
        Named::Safe | Named::Fast => {
            let preset = if named == Named::Safe { Preset::Safe } else { Preset::Fast };
            let (surge, unavailable) = preset.limits();
            draft.strategy.set_limits(surge, unavailable);
        }
        Named::Default => {
            let own: Strategy = own.get_untracked();
            draft.strategy.set(own);
        }
        Named::Own => numbers.update(|numbers| *numbers = !*numbers),
    };
    view! {
        <div class="segments" role="group" aria-label="Strategy">
            {Named::ALL.map(|(named, key, label)| view! {
                <button
                    type="button"
                    data-test=format!("preset-{key}")
                    aria-pressed=move || (now.get() == named).to_string()
                    aria-expanded=(named == Named::Own).then_some(move || shown.get().to_string())
                    on:click=move |_| choose(named)
                >
                    {move || if named == Named::Own && now.get() != Named::Own { "Numbers" } else { label }}
                </button>
            }).collect_view()}
        </div>
        <Show when=move || shown.get()>
            <div class="form strategy"><StrategyFields draft=draft.strategy/></div>
        </Show>
    }
}
