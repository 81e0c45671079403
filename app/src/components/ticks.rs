//! Several of a list, each with a box.

use std::collections::BTreeSet;

use leptos::prelude::*;

/// Several of a list.
#[component]
pub(crate) fn Ticks<T: Clone + Ord + Send + Sync + 'static>(
    /// What they are.
    label: &'static str,
    /// Each with its words.
    #[prop(into)]
    all: Signal<Vec<(T, String)>>,
    /// Those that are chosen.
    chosen: RwSignal<BTreeSet<T>>,
) -> impl IntoView {
    view! {
        <fieldset class="ticks">
            <legend>{label}</legend>
            {move || all.get().into_iter().map(|(one, text)| {
                let (is, of) = (one.clone(), one);
                view! {
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || chosen.with(|chosen| chosen.contains(&is))
                            on:change:target=move |event| {
                                let (on, of) = (event.target().checked(), of.clone());
                                chosen.update(|chosen| if on { chosen.insert(of); } else { chosen.remove(&of); });
                            }
                        />
                        {text}
                    </label>
                }
            }).collect_view()}
        </fieldset>
    }
}
