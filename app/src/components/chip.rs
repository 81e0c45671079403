//! A filter as a chip: it opens a panel in which something is chosen, and loses it again by its cross.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::menu::place;
use super::{Glyph, Icon};

/// A chip with the panel that it opens. The browser's popover closes it when something else is clicked or Escape is pressed.
#[component]
pub(crate) fn Chip<P, V>(
    /// The subject of the filter, for screen readers.
    label: &'static str,
    /// Names it in tests.
    name: &'static str,
    /// The text of the chip.
    #[prop(into)]
    text: Signal<String>,
    /// Something is chosen.
    #[prop(into)]
    chosen: Signal<bool>,
    /// Takes the choice back.
    on_clear: impl Fn() + 'static,
    /// The panel; made when it is opened, and given what closes it and gives the focus back.
    panel: P,
) -> impl IntoView
where
    P: Fn(Callback<()>) -> V + Send + 'static,
    V: IntoView + 'static,
{
    let button = NodeRef::<html::Button>::new();
    let opened = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| {
        if let Some(opened) = opened.get_untracked() {
            let _ = opened.hide_popover();
        }
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    });
    let toggle = move |_| {
        let Some(opened) = opened.get_untracked() else { return };
        if open.get_untracked() {
            let _ = opened.hide_popover();
            return;
        }
        open.set(true);
        request_animation_frame(move || {
            let (Some(button), Ok(opened)) = (button.try_get_untracked().flatten(), opened.dyn_into::<HtmlElement>())
            else {
                return;
            };
            let _ = opened.show_popover();
            place(&button, &opened);
            if let Ok(Some(first)) = opened.query_selector("input, button")
                && let Ok(first) = first.dyn_into::<HtmlElement>()
            {
                let _ = first.focus();
            }
        });
    };
    let toggled = move |_| {
        // It may come when the panel is gone already.
        if let Some(opened) = opened.try_get_untracked().flatten() {
            open.set(opened.matches(":popover-open").unwrap_or(false));
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if let (true, Some(button), Some(opened)) =
            (open.get_untracked(), button.get_untracked(), opened.get_untracked())
        {
            place(&button, &opened);
        }
    });
    on_cleanup(move || resized.remove());
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close.run(());
        }
    };
    let clear = move |_| {
        on_clear();
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let panel_id = format!("chip-{name}");
    view! {
        <span class="facet filter-chip" class:chosen=move || chosen.get()>
            <button
                node_ref=button
                type="button"
                class="chip-button"
                data-test=name
                aria-label=move || format!("{label}: {}", text.get())
                aria-haspopup="dialog"
                aria-controls=panel_id.clone()
                aria-expanded=move || open.get().to_string()
                on:click=toggle
            >
                {text}
                {move || (!chosen.get()).then(|| view! { <Glyph icon=Icon::Chevron/> })}
            </button>
            // The chip stays where it is, so that the focus can go back to it.
            <button
                type="button"
                class="chip-clear"
                hidden=move || !chosen.get()
                data-test=format!("{name}-clear")
                aria-label=move || format!("Clear the filter {label}: {}", text.get())
                on:click=clear
            >
                <Glyph icon=Icon::Close/>
            </button>
        </span>
        <div node_ref=opened id=panel_id class="menu chip-panel" popover="auto" role="dialog" aria-label=label on:toggle=toggled on:keydown=key>
            {move || open.get().then(|| panel(close))}
        </div>
    }
}
