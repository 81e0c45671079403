//! Can this version replace that one? First the answer, then what did not pass, then everything side by side.

use std::sync::Arc;

use domain::compat::Report;
use domain::id::{ModelName, ModelRef};
use domain::wire::CompareModels;
use leptos::prelude::*;

use super::pair::Pair;
use crate::api;
use crate::components::{Choice, CompatibilityReport, Glyph, Icon, VerdictBadge};
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::Awaited;
use crate::pages::side_by_side::SideBySide;
use crate::state::{Query, state};
use crate::words;

/// The word in the address while only what differs is shown.
const DIFFERENCES: &str = "differences";

/// The choice of two versions, also of other models, the report, and both signatures.
#[component]
pub(super) fn Compare(name: ModelName, pair: Memo<Pair>, on_pair: Callback<Pair>) -> impl IntoView {
    let state = state();
    let name = StoredValue::new(name);
    let models = Query::whenever(move || state.models_changed(), api::models::list);
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "Choose a version".to_owned())];
        let models = models.value();
        let mut known: Vec<_> = models.iter().flat_map(|models| models.iter()).collect();
        // Its own versions first.
        known.sort_by_key(|model| name.with_value(|name| model.name != *name));
        options.extend(known.into_iter().flat_map(|model| model.versions.iter()).map(|version| {
            let model = version.model.reference();
            (model.to_string(), words::models(std::slice::from_ref(&model)))
        }));
        // One that the list leaves out can be chosen by its address.
        for chosen in pair.with(|pair| [pair.current.clone(), pair.candidate.clone()]).into_iter().flatten() {
            if options.iter().all(|(word, _)| *word != chosen.to_string()) {
                options.push((chosen.to_string(), words::models(std::slice::from_ref(&chosen))));
            }
        }
        options
    });
    let word = move |read: fn(&Pair) -> &Option<ModelRef>| {
        let word = move || pair.with(|pair| read(pair).as_ref().map(ToString::to_string).unwrap_or_default());
        Signal::derive(word)
    };
    let both = Memo::new(move |_| pair.with(|pair| Some((pair.current.clone()?, pair.candidate.clone()?))));
    let change = move |change: &dyn Fn(&mut Pair)| {
        let mut changed = pair.get_untracked();
        change(&mut changed);
        on_pair.run(changed);
    };
    // The answer stands in the head, above the choice, which stays when the answer is drawn anew.
    let report = RwSignal::new(None::<Arc<Report>>);
    let title = move || match both.get() {
        Some((current, candidate)) => format!("Can {} replace {}?", named(candidate), named(current)),
        None => "Choose two versions".to_owned(),
    };
    let verdict = move || {
        report.get().map(|report| {
            view! {
                <VerdictBadge verdict=report.verdict unloaded=report.loading_is_open()/>
                <span class="sub" data-test="report-counts">{words::compat::counts(&report)}</span>
            }
        })
    };
    view! {
        <section class="panel compare" data-test="compare">
            <header class="panel-head"><h2>{title}</h2>{verdict}</header>
            <div class="panel-body">
                <div class="form compare-pick">
                    <Choice label="In use" name="current" options=options value=word(|pair| &pair.current) on_choose=move |word| change(&|pair| pair.current = word.parse().ok())/>
                    <button type="button" class="button square" aria-label="Swap the two" title="Swap the two" data-test="swap" on:click=move |_| on_pair.run(pair.get_untracked().swapped())>
                        <Glyph icon=Icon::Swap/>
                    </button>
                    <Choice label="Candidate" name="candidate" options=options value=word(|pair| &pair.candidate) on_choose=move |word| change(&|pair| pair.candidate = word.parse().ok())/>
                </div>
                {move || match both.get() {
                    Some((current, candidate)) => view! { <Comparison current=current candidate=candidate told=report/> }.into_any(),
                    None => view! {
                        <p class="sub">"Tick two above, or choose them here, also of other models. The report tells from their files whether the candidate can replace the version in use."</p>
                    }
                    .into_any(),
                }}
            </div>
        </section>
    }
}

fn named(model: ModelRef) -> String {
    words::models(&[model])
}

#[component]
fn Comparison(
    current: ModelRef,
    candidate: ModelRef,
    /// The report, for the head.
    told: RwSignal<Option<Arc<Report>>>,
) -> impl IntoView {
    let asked = CompareModels { current: Some(current.clone()), candidate: candidate.clone(), deployment: None };
    let query = Query::once(move || {
        let asked = asked.clone();
        async move { api::compat::compare(&asked).await }
    });
    Effect::new(move |_| told.set(query.value()));
    on_cleanup(move || drop(told.try_set(None)));
    let (fields, set_fields) = (parameter("fields"), parameter_setter("fields"));
    let only = Signal::derive(move || fields.with(|fields| fields == DIFFERENCES));
    let segment = move |label: &'static str, word: &'static str| {
        let pressed = move || (only.get() == (word == DIFFERENCES)).to_string();
        view! { <button type="button" aria-pressed=pressed data-test=format!("fields-{label}") on:click=move |_| set_fields.run(word.to_owned())>{label}</button> }
    };
    view! {
        <Awaited query=query lines=5/>
        {move || query.value().map(|report| view! { <CompatibilityReport report=(*report).clone() bare=true/> })}
        <div class="part-head">
            <h2>"Fields"</h2>
            <span class="grow"></span>
            <span class="segments" role="group" aria-label="Fields">{segment("Differences", DIFFERENCES)}{segment("All", "")}</span>
        </div>
        <SideBySide current=current candidate=candidate only_differences=only/>
    }
}
