//! The numbers of the bucket that somebody looks at.

use leptos::prelude::*;

use super::bands::{RolloutBand, between};
use super::drawing::{Drawing, NumberRow};
use super::moments::of_bucket;

/// The names of the rollouts that were in progress in a bucket.
pub(super) fn rollouts_at(drawing: &Drawing, bands: &[RolloutBand], bucket: usize) -> Option<String> {
    let (from, to) = (drawing.buckets.begin(bucket), drawing.buckets.begin(bucket + 1));
    let names: Vec<_> = between(bands, from, to).map(|band| band.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("Rollout in progress: {}", names.join(", ")))
}

/// A hairline at the bucket, and a box with its numbers beside it.
pub(super) fn readout(drawing: &Drawing, bands: &[RolloutBand], bucket: usize) -> impl IntoView + use<> {
    let at = (bucket as f64 + 0.5) / drawing.buckets.count.max(1) as f64;
    let place = format!("{:.3}%", at * 100.0);
    let columns = (drawing.measures.len() + 1).to_string();
    let measures = drawing.measures.iter().map(|measure| view! { <i>{*measure}</i> }).collect_view();
    let row = |row: &NumberRow| {
        let cells = row.cells.get(bucket).cloned().unwrap_or_default();
        view! {
            <span>{row.label.clone()}</span>
            {cells.into_iter().map(|cell| view! { <b>{cell}</b> }).collect_view()}
        }
    };
    let rows = drawing.rows.iter().map(row).collect_view();
    let remarks = [rollouts_at(drawing, bands, bucket), drawing.remarks.get(bucket).cloned().flatten()];
    view! {
        <span class="hair" data-test="hair" data-bucket=bucket.to_string() style:left=place.clone()></span>
        <span class="readout" class:before={at > 0.5} data-test="readout" style:left=place>
            <span class="when">{of_bucket(drawing.buckets, bucket)}</span>
            <span class="numbers" style:--columns=columns><i></i>{measures}{rows}</span>
            {remarks.into_iter().flatten().map(|remark| view! { <span class="remark">{remark}</span> }).collect_view()}
        </span>
    }
}
