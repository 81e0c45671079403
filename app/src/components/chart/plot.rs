//! A chart: title, legend, rollouts, picture, the bucket that somebody looks at, and the numbers.
//!
//! The picture is a slider for whoever cannot see it: arrow keys move from bucket to bucket, and each is read out.

use leptos::ev::{FocusEvent, KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::bands::{BandName, RolloutBand, names};
use super::chosen::{by_key, by_pointer};
use super::drawing::{Drawing, LegendEntry};
use super::moments::{below, of_bucket};
use super::number_table::NumberTable;
use super::picture::Picture;
use super::readout::{readout, rollouts_at};

/// Draws a chart.
#[component]
pub(crate) fn Chart(
    /// What is drawn.
    drawing: Memo<Drawing>,
    /// Rollouts that are marked.
    #[prop(into)]
    bands: Signal<Vec<RolloutBand>>,
    /// The address of the page with all of them.
    #[prop(into)]
    all_rollouts: String,
    /// The moment that somebody looks at, in seconds since 1970; charts beside each other share it.
    looked: RwSignal<Option<i64>>,
    /// It is low, and names no rollouts.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let bucket =
        Memo::new(move |_| looked.get().and_then(|second| drawing.with(|drawing| drawing.buckets.nearest(second))));
    let look = move |bucket: usize| looked.set(Some(drawing.with_untracked(|drawing| drawing.buckets.begin(bucket))));
    let count = move || drawing.with_untracked(|drawing| drawing.buckets.count);
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let (pressed, now) = (event.key(), bucket.get_untracked());
        if pressed == "Escape" && now.is_some() {
            looked.set(None);
        } else if let Some(next) = by_key(&pressed, now, count()) {
            look(next);
        } else {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let pointed = move |event: PointerEvent| {
        let Some(plot) = plot.get_untracked() else { return };
        let edges = plot.get_bounding_client_rect();
        if let Some(bucket) = by_pointer(f64::from(event.client_x()) - edges.left(), edges.width(), count()) {
            look(bucket);
        }
    };
    let left = move |event: PointerEvent| {
        // A finger leaves as soon as it is lifted; what it pointed at stays to be read.
        if event.pointer_type() == "mouse" {
            looked.set(None);
        }
    };
    let focused = move |_: FocusEvent| {
        if let (None, Some(last)) = (bucket.get_untracked(), count().checked_sub(1)) {
            look(last);
        }
    };
    let told = move || match bucket.get() {
        None => "No moment is chosen".to_owned(),
        Some(bucket) => drawing.with(|drawing| {
            let rollouts =
                bands.with(|bands| rollouts_at(drawing, bands, bucket)).map(|rollouts| format!(" {rollouts}."));
            let time = of_bucket(drawing.buckets, bucket);
            format!("{time}: {}{}", drawing.sentence(bucket), rollouts.unwrap_or_default())
        }),
    };
    let title = Memo::new(move |_| drawing.with(|drawing| drawing.title.clone()));
    let legend = Memo::new(move |_| drawing.with(Drawing::explained));
    let last = Memo::new(move |_| drawing.with(|drawing| drawing.buckets.count.saturating_sub(1)));
    let all_rollouts = StoredValue::new(all_rollouts);
    view! {
        <figure class="chart" class:small=small data-test="chart" data-chart=move || drawing.with(|drawing| drawing.name)>
            <figcaption>
                <span>{title}</span>
                <span class="keys">{move || legend.get().into_iter().map(explained).collect_view()}</span>
            </figcaption>
            {(!small).then(|| view! { <RolloutNames drawing=drawing bands=bands all=all_rollouts/> })}
            <div
                node_ref=plot
                class="plot"
                data-test="plot"
                tabindex="0"
                role="slider"
                aria-label=title
                aria-valuemin="0"
                aria-valuemax=move || last.get().to_string()
                aria-valuenow=move || bucket.get().unwrap_or_else(|| last.get()).to_string()
                aria-valuetext=told
                on:keydown=key
                on:pointerdown=pointed
                on:pointermove=pointed
                on:pointerleave=left
                on:focus=focused
                on:blur=move |_| looked.set(None)
            >
                <Picture drawing=drawing bands=bands/>
                {move || {
                    let ticks = drawing.with(|drawing| drawing.ticks.clone());
                    ticks.into_iter().map(|(height, word)| view! { <span class="y" style:bottom=format!("{:.2}%", height * 100.0)>{word}</span> }).collect_view()
                }}
                {move || {
                    let bucket = bucket.get()?;
                    Some(drawing.with(|drawing| bands.with(|bands| readout(drawing, bands, bucket))))
                }}
            </div>
            <div class="x" aria-hidden="true">
                {move || {
                    let moments = below(drawing.with(|drawing| drawing.buckets));
                    moments.into_iter().map(|(place, word)| view! { <span style:left=format!("{:.2}%", place * 100.0)>{word}</span> }).collect_view()
                }}
            </div>
            <NumberTable drawing=drawing bands=bands/>
        </figure>
    }
}

fn explained(entry: LegendEntry) -> impl IntoView {
    view! { <span><i class=entry.class></i>{entry.label}</span> }
}

/// The names of the rollouts in the window, each above its band.
#[component]
fn RolloutNames(drawing: Memo<Drawing>, bands: Signal<Vec<RolloutBand>>, all: StoredValue<String>) -> impl IntoView {
    let named = Memo::new(move |_| drawing.with(|drawing| bands.with(|bands| names(bands, drawing.buckets))));
    let link = move |name: BandName| {
        let href = name.href.unwrap_or_else(|| all.get_value());
        let place = |share: f64| format!("{:.2}%", share * 100.0);
        let left = (!name.at_right).then(|| place(name.at));
        let right = name.at_right.then(|| place(1.0 - name.at));
        view! {
            <a href=href class:failed=name.failed data-test="rollout-band" title=name.whole style:left=left style:right=right>
                {name.failed.then(|| view! { <span class="visually-hidden">"Failed or went back: "</span> })}
                {name.text}
            </a>
        }
    };
    view! { <div class="rollout-names">{move || named.get().into_iter().map(link).collect_view()}</div> }
}
