//! The strategy of an update, with its rehearsal drawn while one types.

use leptos::prelude::*;

use super::draft::Draft;
use super::obstacles::Obstacles;
use super::presets::Presets;
use crate::components::{Banner, Choice, RehearsalPicture};
use crate::pages::failure_modes::failure_modes;
use crate::words::{self, Tone, numbers};

/// The strategy's fields and the picture.
#[component]
pub(crate) fn StrategyInputs(draft: Draft) -> impl IntoView {
    let chosen = Memo::new(move |_| draft.candidate.with(Option::is_some));
    let rehearsal = Memo::new(move |_| draft.rehearsal());
    let options =
        Signal::derive(move || failure_modes(draft.view.with(|view| view.as_ref().map(|view| view.on_failure))));
    view! {
        <Show when=move || chosen.get()>
            <section>
                <h3 class="section-title">"Rehearsal" <span class="sub" data-test="rehearsal-facts">{move || rehearsal.get().map(|(rehearsal, desired)| {
                    format!(
                        "about {} · each drain at most {} · at most {} · never below {} of {desired} replicas",
                        numbers::millis(rehearsal.duration_ms as f64),
                        numbers::millis(rehearsal.drain_limit_ms.into()),
                        words::count(rehearsal.highest_total as usize, "replica", "replicas"),
                        rehearsal.lowest_available.min(desired),
                    )
                })}</span></h3>
                <Presets draft=draft/>
                <div class="form">
                    <Choice label="When the update fails" name="on_failure" options=options value=draft.on_failure on_choose=move |value| draft.on_failure.set(value)/>
                </div>
                <Obstacles draft=draft/>
                {move || rehearsal.get().map(|(rehearsal, desired)| {
                    let warnings = rehearsal.warnings.clone();
                    view! {
                        {warnings.into_iter().map(|warning| view! {
                            <Banner tone=Tone::Warning title="Before you update" name="rehearsal-warning"><p>{warning}</p></Banner>
                        }).collect_view()}
                        <RehearsalPicture rehearsal=rehearsal desired=desired/>
                    }
                })}
            </section>
        </Show>
    }
}
