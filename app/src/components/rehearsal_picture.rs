//! A rehearsal as a picture: one column for each moment, one square for each replica, and the floor.

use domain::rehearsal::{Frame, Rehearsal};
use leptos::prelude::*;

use crate::words::numbers;

/// Moments that fit beside each other; longer rehearsals are thinned out evenly.
const MOST_COLUMNS: usize = 48;
/// Squares that fit on top of each other; taller columns are drawn as blocks in proportion.
const MOST_SQUARES: u32 = 16;

/// Draws `rehearsal` for `desired` replicas.
#[component]
pub(crate) fn RehearsalPicture(rehearsal: Rehearsal, desired: u32) -> impl IntoView {
    let floor = rehearsal.limits.lowest_available(desired);
    let height = rehearsal.highest_total.max(desired).max(1);
    let frames = thinned(&rehearsal.frames);
    let label = format!(
        "About {}: never fewer than {} of {desired} replicas available, at most {} at a time.",
        numbers::millis(rehearsal.duration_ms as f64),
        rehearsal.lowest_available,
        rehearsal.highest_total,
    );
    let columns = frames
        .iter()
        .map(|frame| {
            let title = in_words(frame);
            view! { <div class="moment" title=title>{parts(frame, height)}</div> }
        })
        .collect_view();
    view! {
        <figure class="rehearsal" data-test="rehearsal" style:--height=height.min(MOST_SQUARES).to_string()>
            <div class="moments" role="img" aria-label=label>
                {columns}
                <div class="floor" style:--share=format!("{}", f64::from(floor) / f64::from(height))>
                    <span>{format!("floor {floor}")}</span>
                </div>
            </div>
            <figcaption class="legend">
                <span><i class="old"></i>"revision before"</span>
                <span><i class="draining"></i>"draining"</span>
                <span><i class="starting"></i>"starting"</span>
                <span><i class="new"></i>"new revision"</span>
            </figcaption>
        </figure>
    }
}

/// The squares of a moment from the bottom up: new, old, starting, leaving.
fn parts(frame: &Frame, height: u32) -> impl IntoView + use<> {
    let kinds = [
        ("new", frame.new_ready),
        ("old", frame.old_ready),
        ("starting", frame.new_starting),
        ("draining", frame.old_leaving),
    ];
    if height <= MOST_SQUARES {
        let squares = kinds.into_iter().flat_map(|(kind, count)| std::iter::repeat_n(kind, count as usize));
        squares.map(|kind| view! { <i class=kind></i> }.into_any()).collect_view()
    } else {
        let blocks = kinds.into_iter().filter(|(_, count)| *count > 0);
        blocks
            .map(|(kind, count)| {
                let share = f64::from(count) / f64::from(height);
                view! { <i class=format!("block {kind}") style:--share=share.to_string()></i> }.into_any()
            })
            .collect_view()
    }
}

fn in_words(frame: &Frame) -> String {
    let mut parts = vec![format!("after {}", numbers::millis(frame.at_ms as f64))];
    for (count, what) in [
        (frame.old_ready, "old ready"),
        (frame.old_leaving, "draining"),
        (frame.new_starting, "starting"),
        (frame.new_ready, "new ready"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.push(format!("{} % of requests to the new revision", frame.new_share_percent));
    parts.join(" · ")
}

/// At most [`MOST_COLUMNS`] frames, first and last included.
fn thinned(frames: &[Frame]) -> Vec<Frame> {
    let count = frames.len();
    if count <= MOST_COLUMNS {
        return frames.to_vec();
    }
    (0..MOST_COLUMNS).filter_map(|i| frames.get(i * (count - 1) / (MOST_COLUMNS - 1))).copied().collect()
}
