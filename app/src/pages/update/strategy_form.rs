//! How it moves, with the rehearsal drawn while one types.

use leptos::prelude::*;

use super::draft::Draft;
use crate::components::{Banner, Field, RehearsalPicture};
use crate::words::{Tone, numbers};

/// The strategy's fields and the picture.
#[component]
pub(crate) fn StrategyInputs(draft: Draft) -> impl IntoView {
    let chosen = Memo::new(move |_| draft.candidate.with(Option::is_some));
    let rehearsal = Memo::new(move |_| draft.rehearsal());
    view! {
        <Show when=move || chosen.get()>
            <section>
                <h3 class="section-title">"Rehearsal" <span class="sub" data-test="rehearsal-facts">{move || rehearsal.get().map(|(rehearsal, desired)| {
                    format!(
                        "about {} · at most {} replicas · never below {} of {desired}",
                        numbers::millis(rehearsal.duration_ms as f64),
                        rehearsal.highest_total,
                        rehearsal.lowest_available.min(desired),
                    )
                })}</span></h3>
                <div class="form strategy">
                    <Field label="Surge" name="max_surge" value=draft.surge error=draft.wrong("max_surge") class="tiny"/>
                    <Field label="Unavailable" name="max_unavailable" value=draft.unavailable error=draft.wrong("max_unavailable") class="tiny"/>
                    <Field label="Ready for at least, s" name="min_ready_seconds" value=draft.min_ready error=draft.wrong("min_ready_seconds") class="short" inputmode="numeric"/>
                    <Field label="Progress deadline, s" name="progress_deadline_seconds" value=draft.deadline error=draft.wrong("progress_deadline_seconds") class="short" inputmode="numeric"/>
                </div>
                {move || rehearsal.get().map(|(rehearsal, desired)| {
                    let warnings = rehearsal.warnings.clone();
                    view! {
                        {warnings.into_iter().map(|warning| view! {
                            <Banner tone=Tone::Warning title="Look here" name="rehearsal-warning"><p>{warning}</p></Banner>
                        }).collect_view()}
                        <RehearsalPicture rehearsal=rehearsal desired=desired/>
                    }
                })}
            </section>
        </Show>
    }
}
