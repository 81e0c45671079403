//! The picture of a drawing: bands, gaps, grid, areas and lines.

use leptos::prelude::*;

use super::bands::{RolloutBand, placed};
use super::canvas::{HEIGHT, WIDTH};
use super::drawing::Drawing;

/// Draws it. What it says is told beside it in words.
#[component]
pub(super) fn Picture(drawing: Memo<Drawing>, bands: Signal<Vec<RolloutBand>>) -> impl IntoView {
    let bands = move || {
        let placed = drawing.with(|drawing| bands.with(|bands| placed(bands, drawing.buckets)));
        let band = |band: super::bands::PlacedBand| {
            let class = if band.failed { "rollout failed" } else { "rollout" };
            view! { <rect class=class x=band.x y="0" width=band.width height=HEIGHT></rect> }
        };
        placed.into_iter().map(band).collect_view()
    };
    let gaps = move || {
        let (gaps, cleared) = drawing.with(|drawing| (drawing.gaps.clone(), drawing.cleared.clone()));
        let gaps = gaps.into_iter().map(|gap| (gap, "gap"));
        gaps.chain(cleared.into_iter().map(|gap| (gap, "gap cleared")))
            .map(|((x, width), class)| view! { <rect class=class x=x y="0" width=width height=HEIGHT></rect> })
            .collect_view()
    };
    let grid = move || {
        drawing.with(|drawing| {
            let line = |(height, _): &(f64, String)| format!("M0 {}H{WIDTH}", HEIGHT - height * HEIGHT);
            drawing.ticks.iter().map(line).collect::<String>()
        })
    };
    let shapes = move || {
        let shapes = drawing.with(|drawing| drawing.shapes.clone());
        shapes.into_iter().map(|shape| view! { <path class=shape.class d=shape.path></path> }).collect_view()
    };
    view! {
        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {bands}
            {gaps}
            <path class="grid" d=grid></path>
            {shapes}
        </svg>
    }
}
