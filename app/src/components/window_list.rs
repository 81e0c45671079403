//! A long list of which only the rows in the window are drawn, so that ten thousand scroll like ten.

use std::hash::Hash;

use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Rows that are drawn above and below the window.
const AHEAD: usize = 8;

/// Draws the rows of `keys` that are in the window. The height of a row is `--row-height` of the list's style.
///
/// Arrow keys, Home, End and the page keys move the focus between the elements that carry `data-row-focus`.
#[component]
pub(crate) fn WindowList<K, F, V>(
    /// The rows in order.
    #[prop(into)]
    keys: Signal<Vec<K>>,
    /// Draws one row.
    row: F,
) -> impl IntoView
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    F: Fn(K) -> V + Clone + Send + 'static,
    V: IntoView + 'static,
{
    let list = NodeRef::<html::Div>::new();
    let range = RwSignal::new((0_usize, 40_usize));
    let height = RwSignal::new(60.0_f64);
    let measure = move || {
        let Some(list) = list.try_get_untracked().flatten() else { return };
        let row = row_height(&list);
        height.set(row);
        let above = (-list.get_bounding_client_rect().top()).max(0.0);
        let window = window().inner_height().ok().and_then(|value| value.as_f64()).unwrap_or(1_000.0);
        let first = ((above / row) as usize).saturating_sub(AHEAD);
        let fresh = (first, first + (window / row) as usize + 2 * AHEAD + 1);
        if range.get_untracked() != fresh {
            range.set(fresh);
        }
    };
    let scrolled = window_event_listener(ev::scroll, move |_| measure());
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    Effect::new(move |_| {
        list.track();
        keys.track();
        request_animation_frame(measure);
    });

    let shown = move || {
        let (first, end) = range.get();
        keys.with(|keys| {
            keys.iter().enumerate().skip(first).take(end - first).map(|(i, key)| (i, key.clone())).collect::<Vec<_>>()
        })
    };
    let above = move || format!("{}px", keys.with(|keys| range.get().0.min(keys.len())) as f64 * height.get());
    let whole = move || format!("{}px", keys.with(Vec::len) as f64 * height.get());
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let Some(list) = list.get_untracked() else { return };
        let Some(current) = focused(&event) else { return };
        let last = keys.with_untracked(Vec::len).saturating_sub(1);
        let page = (window().inner_height().ok().and_then(|value| value.as_f64()).unwrap_or(600.0)
            / height.get_untracked()) as usize;
        let next = match event.key().as_str() {
            "ArrowDown" => current + 1,
            "ArrowUp" => current.saturating_sub(1),
            "PageDown" => current + page,
            "PageUp" => current.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        go(&list, next.min(last), height.get_untracked());
    };
    view! {
        <div node_ref=list class="window-list" role="rowgroup" style:height=whole on:keydown=key>
            <div class="window" style:transform=move || format!("translateY({})", above())>
                <For each=shown key=|(i, key)| (*i, key.clone()) let((i, key))>
                    <div class="window-row" role="row" data-index=i.to_string() aria-rowindex=(i + 2).to_string()>{row.clone()(key)}</div>
                </For>
            </div>
        </div>
    }
}

fn row_height(list: &HtmlElement) -> f64 {
    let style = window().get_computed_style(list).ok().flatten();
    let text = style.and_then(|style| style.get_property_value("--row-height").ok()).unwrap_or_default();
    text.trim().trim_end_matches("px").parse::<u32>().map_or(60.0, f64::from)
}

/// The index of the row whose main element has the focus.
fn focused(event: &KeyboardEvent) -> Option<usize> {
    let target = event.target()?.dyn_into::<HtmlElement>().ok()?;
    target.has_attribute("data-row-focus").then_some(())?;
    target.closest("[data-index]").ok().flatten()?.get_attribute("data-index")?.parse().ok()
}

/// Scrolls to a row and, once it is drawn, gives it the focus.
fn go(list: &HtmlElement, index: usize, height: f64) {
    let top = list.get_bounding_client_rect().top() + index as f64 * height;
    let window_height = window().inner_height().ok().and_then(|value| value.as_f64()).unwrap_or(600.0);
    // Room for what sticks to the top of the window.
    let (least, most) = (2.0 * height, window_height - 1.5 * height);
    if top < least {
        window().scroll_by_with_x_and_y(0.0, top - least);
    } else if top > most {
        window().scroll_by_with_x_and_y(0.0, top - most);
    }
    let list = list.clone();
    let focus = move || {
        let main = list.query_selector(&format!("[data-index=\"{index}\"] [data-row-focus]"));
        if let Some(main) = main.ok().flatten().and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
            let _ = main.focus();
        }
    };
    // One frame for the scroll event, one for the rows.
    request_animation_frame(move || request_animation_frame(focus));
}
