//! The lines in a window of their own, of which only those in sight are drawn.
//!
//! What is read stays in place: lines are added below, those that come before are made room for above, and none leave at the top
//! while somebody reads.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::feed::Feed;
use super::line::Line;
use super::search::Hits;

/// Pixels from the end within which the view follows new lines.
const NEAR: i32 = 32;
/// Pixels from the beginning within which earlier lines are read.
const EARLY: i32 = 400;
/// Lines of the screen that are drawn above and below those in sight.
const AHEAD: usize = 12;
/// Letters by which the width of one is measured.
const RULER: usize = 100;

/// What was measured of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measures {
    /// Height of a line of the screen, in pixels.
    line: f64,
    /// Lines of the screen above the text of each.
    head: usize,
    /// Letters in a line, where lines are broken.
    columns: Option<usize>,
}

/// The window.
#[component]
pub(super) fn Pane(feed: Feed, hits: Hits, wraps: Memo<bool>) -> impl IntoView {
    let (pane, body) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let (cell, ruler) = (NodeRef::<html::Span>::new(), NodeRef::<html::Span>::new());
    let measures = RwSignal::new(Measures { line: 20.0, head: 0, columns: None });
    // Where the window stands, and how high it is.
    let sight = RwSignal::new((0_i32, 600_i32));
    let tops = Memo::new(move |_| {
        let Measures { head, columns, .. } = measures.get();
        feed.book.with(|book| Arc::new(book.tops(columns, head)))
    });
    let measure = move || {
        let (Some(pane), Some(cell), Some(ruler)) = (here(pane), here(cell), here(ruler)) else { return };
        let letter = ruler.get_bounding_client_rect().width() / RULER as f64;
        let room = f64::from(cell.client_width());
        let columns = (wraps.get_untracked() && letter > 0.0).then(|| ((room / letter) as usize).max(1));
        let fresh = Measures {
            line: pixels(&pane, "--log-line").unwrap_or(20.0),
            head: pixels(&pane, "--log-head").map_or(0, |head| head as usize),
            columns,
        };
        if measures.get_untracked() != fresh {
            measures.set(fresh);
        }
        look(&pane, sight);
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        pane.track();
        wraps.track();
        request_animation_frame(measure);
    });
    // Keeps in place what is read, and the end in view while it is followed.
    Effect::new(move |before: Option<(Option<i64>, Measures, usize)>| {
        let (first, held) = feed.book.with(|book| (book.first(), book.len()));
        let (tops, now) = (tops.get(), measures.get());
        let follows = feed.follows.get();
        pane.track();
        let (Some(pane), Some(body)) = (here(pane), here(body)) else { return (first, now, 0) };
        let height = tops.last().copied().unwrap_or(0) as f64 * now.line;
        let _ = body.style().set_property("height", &format!("{height}px"));
        let top = sight.get_untracked().0;
        if follows {
            pane.set_scroll_top(pane.scroll_height());
        } else if let Some((Some(was), measured, at)) = before {
            let added = first.and_then(|first| usize::try_from(was - first).ok()).unwrap_or(0);
            if measured != now {
                // Lines are broken elsewhere: the one that was on top stays there.
                let top = tops.get((at + added).min(held)).copied().unwrap_or(0);
                pane.set_scroll_top((top as f64 * now.line) as i32);
            } else if added > 0 {
                let room = tops.get(added).copied().unwrap_or(0) as f64 * now.line;
                pane.set_scroll_top(top + room as i32);
            }
        }
        look(&pane, sight);
        if height <= f64::from(pane.client_height()) + f64::from(EARLY) {
            feed.read_back();
        }
        (first, now, at_top(&tops, now.line, sight.get_untracked().0))
    });
    let scrolled = move |_| {
        let Some(pane) = here(pane) else { return };
        let was = sight.get_untracked().0;
        look(&pane, sight);
        let (top, height) = sight.get_untracked();
        let left = pane.scroll_height() - top - height;
        if left < NEAR {
            if !feed.follows.get_untracked() {
                feed.to_the_end();
            }
        } else if top < was {
            // Only somebody who goes up wants to stay: lines that came meanwhile move the end away too.
            feed.follows.set(false);
        }
        if top < EARLY && !feed.follows.get_untracked() {
            feed.read_back();
        }
    };
    // A hit that was gone to comes into view.
    Effect::new(move |_| {
        let Some(current) = hits.current.get() else { return };
        let Some(first) = feed.book.with_untracked(super::book::Book::first) else { return };
        let at = usize::try_from(current - first).unwrap_or(0);
        let top = tops.with_untracked(|tops| tops.get(at).copied().unwrap_or(0)) as f64 * measures.get_untracked().line;
        let Some(pane) = here(pane) else { return };
        feed.follows.set(false);
        let (seen, height) = sight.get_untracked();
        if top < f64::from(seen) || top > f64::from(seen + height) - 2.0 * measures.get_untracked().line {
            pane.set_scroll_top((top as i32 - height / 3).max(0));
            look(&pane, sight);
        }
    });
    let range = Memo::new(move |_| {
        let ((top, height), line) = (sight.get(), measures.get().line.max(1.0));
        let (from, to) = ((f64::from(top) / line) as usize, (f64::from(top + height) / line) as usize);
        tops.with(|tops| {
            let first = tops.partition_point(|top| *top <= from.saturating_sub(AHEAD)).saturating_sub(1);
            let end = tops.partition_point(|top| *top <= to + AHEAD);
            (first, end.saturating_sub(first))
        })
    });
    let shown = move || {
        let (first, count) = range.get();
        feed.book.with(|book| book.rows(first, count))
    };
    let above = move || {
        let (first, _) = range.get();
        let top = tops.with(|tops| tops.get(first).copied().unwrap_or(0));
        format!("translateY({}px)", top as f64 * measures.get().line)
    };
    let widest = move || feed.book.with(super::book::Book::widest).to_string();
    view! {
        <div
            node_ref=pane
            class="log-pane"
            class:wraps=move || wraps.get()
            tabindex="0"
            role="log"
            aria-label="Log lines"
            aria-live="off"
            on:scroll=scrolled
            data-test="logs"
            data-held=move || feed.book.with(super::book::Book::len).to_string()
        >
            <div class="log-line probe" aria-hidden="true">
                <span></span><span></span><span></span>
                <span node_ref=cell class="text"><span node_ref=ruler>{"0".repeat(RULER)}</span></span>
            </div>
            <div node_ref=body class="log-body" style:--widest=widest>
                <div class="log-window" style:transform=above>
                    <For each=shown key=|row| (row.edition, row.number) let(row)>
                        <Line row=row hits=hits/>
                    </For>
                </div>
            </div>
        </div>
    }
}

/// The place in the list of the row at the top of the window.
fn at_top(tops: &[usize], line: f64, top: i32) -> usize {
    let line_at = (f64::from(top) / line.max(1.0)) as usize;
    tops.partition_point(|top| *top <= line_at).saturating_sub(1)
}

/// The element, while it is drawn.
fn here<E>(node: NodeRef<E>) -> Option<HtmlElement>
where
    E: html::ElementType + 'static,
    E::Output: wasm_bindgen::JsCast + Clone + 'static,
{
    node.try_get_untracked().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok())
}

/// Notes where the window stands.
fn look(pane: &HtmlElement, sight: RwSignal<(i32, i32)>) {
    let fresh = (pane.scroll_top(), pane.client_height());
    if sight.try_get_untracked().is_some_and(|known| known != fresh) {
        sight.try_set(fresh);
    }
}

/// The number that a property of the style holds.
fn pixels(of: &HtmlElement, property: &str) -> Option<f64> {
    let style = window().get_computed_style(of).ok().flatten()?;
    style.get_property_value(property).ok()?.trim().trim_end_matches("px").parse().ok()
}
