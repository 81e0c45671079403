//! A menu of actions. The browser's popover closes it when something else is clicked or Escape is pressed.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{Glyph, Icon};

/// Pixels between button and menu, and between menu and the edge of the window.
const GAP: f64 = 4.0;

#[derive(Clone, Copy)]
struct CloseMenu(Callback<()>);

/// A button with three dots and the menu that it opens.
#[component]
pub(crate) fn Menu(
    /// Its purpose, read aloud.
    #[prop(into)]
    label: String,
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The items; made when it is opened.
    children: ChildrenFn,
) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| {
        if let Some(list) = list.get_untracked() {
            let _ = list.hide_popover();
        }
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    });
    provide_context(CloseMenu(close));
    let toggle = move |_| {
        let Some(list) = list.get_untracked() else { return };
        if open.get_untracked() {
            let _ = list.hide_popover();
            return;
        }
        open.set(true);
        request_animation_frame(move || {
            let (Some(button), Some(list)) =
                (button.try_get_untracked().flatten(), list.dyn_into::<HtmlElement>().ok())
            else {
                return;
            };
            let _ = list.show_popover();
            place(&button, &list);
            step(&list, 1);
        });
    };
    let toggled = move |_| {
        // It may come when the menu is gone already.
        if let Some(list) = list.try_get_untracked().flatten() {
            open.set(list.matches(":popover-open").unwrap_or(false));
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if let (true, Some(button), Some(list)) = (open.get_untracked(), button.get_untracked(), list.get_untracked()) {
            place(&button, &list);
        }
    });
    on_cleanup(move || resized.remove());
    let key = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        let steps = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "Tab" => return close.run(()),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        step(&list, steps);
    };
    let menu_id = format!("menu-{id}");
    view! {
        <button
            node_ref=button
            type="button"
            class="button quiet square"
            data-test="menu"
            aria-label=label
            aria-haspopup="menu"
            aria-controls=menu_id.clone()
            aria-expanded=move || open.get().to_string()
            on:click=toggle
        >
            <Glyph icon=Icon::More/>
        </button>
        <div node_ref=list id=menu_id class="menu" popover="auto" role="menu" on:toggle=toggled on:keydown=key>
            {move || open.get().then(|| children())}
        </div>
    }
}

/// One action.
#[component]
pub(crate) fn MenuItem(
    /// Its text.
    #[prop(into)]
    label: String,
    /// Names it in tests.
    name: &'static str,
    /// Called when it is chosen.
    on_choose: impl Fn() + 'static,
    /// It destroys something.
    #[prop(optional)]
    danger: bool,
    /// The reason why it cannot be chosen now.
    #[prop(optional_no_strip)]
    blocked: Option<String>,
) -> impl IntoView {
    let close = expect_context::<CloseMenu>();
    let is_blocked = blocked.is_some();
    let choose = move |_| {
        if !is_blocked {
            close.0.run(());
            on_choose();
        }
    };
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            class="menu-item"
            class:danger=danger
            aria-disabled=is_blocked.then_some("true")
            data-test=name
            on:click=choose
        >
            <span>{label}</span>
            {blocked.map(|why| view! { <span class="sub">{why}</span> })}
        </button>
    }
}

/// Puts the menu below the button, or above it where there is more room.
pub(super) fn place(button: &HtmlElement, list: &HtmlElement) {
    let (anchor, size) = (button.get_bounding_client_rect(), list.get_bounding_client_rect());
    let number =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value: wasm_bindgen::JsValue| value.as_f64());
    let (width, height) =
        (number(window().inner_width()).unwrap_or(0.0), number(window().inner_height()).unwrap_or(0.0));
    let left = (anchor.right() - size.width()).min(width - size.width() - GAP).max(GAP);
    let below = anchor.bottom() + GAP;
    let top = if below + size.height() > height { (anchor.top() - GAP - size.height()).max(GAP) } else { below };
    let style = web_sys::HtmlElement::style(list);
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Moves the focus to the next or previous item.
fn step(list: &HtmlElement, by: i32) {
    let Ok(items) = list.query_selector_all("[role=menuitem]") else { return };
    let count = i32::try_from(items.length()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let active = document().active_element();
    let current = (0..count).find(|i| {
        items.item(*i as u32).and_then(|item| item.dyn_into::<web_sys::Element>().ok()).as_ref() == active.as_ref()
    });
    let next = current.map_or(if by > 0 { 0 } else { count - 1 }, |i| (i + by).rem_euclid(count));
    if let Some(item) = items.item(next as u32).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
