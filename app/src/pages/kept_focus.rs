//! Keeps the focus of whoever uses the keyboard, when what has it goes away or is switched off.
//!
//! # Flow
//! What has the focus is remembered, with what is around it. Once it is gone and the focus with it, the focus goes to the
//! same thing where it was drawn anew, else to the part of the page around it; and back from there, when what was switched
//! off can be used again.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, MutationObserver, MutationObserverInit};

/// The parts of a page that can take the focus for what was in them.
const PARTS: &str = "section, header, main, nav, aside, form, dialog, li, [role=list], [role=group], [role=listitem]";
/// The attributes by which a thing is known again.
const KNOWN_BY: [&str; 5] = ["id", "href", "name", "data-test", "aria-label"];

/// The thing that had the focus last.
struct Held {
    thing: HtmlElement,
    /// The elements that it is in, the nearest first.
    around: Vec<Element>,
    /// It went away or was switched off.
    lost: bool,
    /// The part that has the focus in place of it.
    stand_in: Option<HtmlElement>,
}

/// Begins to keep it, for as long as the page is there.
pub(crate) fn keep_focus() {
    let held = StoredValue::new_local(None::<Held>);
    let _listens = window_event_listener(leptos::ev::focusin, move |event| {
        let Some(thing) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
        held.try_update_value(|held| {
            let stands_in = held.as_ref().is_some_and(|held| held.stand_in.as_ref() == Some(&thing));
            if !stands_in {
                // Without a ring around it, it was chosen with a pointer.
                let ringed = thing.matches(":focus-visible").unwrap_or(false);
                *held = ringed.then(|| Held { around: around(&thing), thing, lost: false, stand_in: None });
            }
        });
    });
    let check = move || {
        held.try_update_value(check);
    };
    let changed = Closure::<dyn FnMut()>::new(move || {
        let lost = held.try_update_value(|held| {
            let Some(held) = held else { return false };
            held.lost |= is_off(&held.thing);
            held.lost
        });
        if lost == Some(true) {
            // By then, the browser has taken the focus away, and pages have led it where they want it.
            request_animation_frame(check);
        }
    });
    if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document().body()) {
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        let attributes: web_sys::js_sys::Array =
            ["disabled", "hidden"].map(wasm_bindgen::JsValue::from_str).iter().collect();
        what.set_attribute_filter(&attributes);
        let _ = observer.observe_with_options(&body, &what);
        // It listens for as long as the page is there.
        changed.forget();
    }
}

/// Leads the focus on, where it is lost or where it stands in for what can be used again.
fn check(slot: &mut Option<Held>) {
    let Some(held) = slot else { return };
    let active = document().active_element().filter(|active| active.tag_name() != "BODY");
    let stands_in = active.is_some() && active.as_ref() == held.stand_in.as_ref().map(AsRef::as_ref);
    if active.is_some() && !stands_in {
        return;
    }
    if usable(&held.thing) {
        let thing = held.thing.clone();
        (held.lost, held.stand_in) = (false, None);
        let _ = thing.focus();
    } else if !stands_in {
        let Some((part, is_same)) = next(held) else { return };
        held.stand_in = (!is_same).then(|| part.clone());
        let _ = part.focus();
    }
}

/// The same thing drawn anew, else the part that stands in for it.
fn next(held: &Held) -> Option<(HtmlElement, bool)> {
    let mut there = held.around.iter().filter(|element| element.is_connected());
    if let Some(same) = there.clone().next().and_then(|nearest| same_in(nearest, &held.thing)) {
        return Some((same, true));
    }
    let part = there.find(|element| element.matches(PARTS).unwrap_or(false)).cloned();
    let part = part.or_else(|| document().query_selector("main").ok().flatten())?;
    if !part.has_attribute("tabindex") {
        let _ = part.set_attribute("tabindex", "-1");
    }
    Some((part.dyn_into().ok()?, false))
}

fn same_in(part: &Element, thing: &HtmlElement) -> Option<HtmlElement> {
    let known: String =
        KNOWN_BY.iter().filter_map(|name| Some(format!("[{name}={:?}]", thing.get_attribute(name)?))).collect();
    if known.is_empty() {
        return None;
    }
    let found = part.query_selector_all(&format!("{}{known}", thing.tag_name())).ok()?;
    let mut found = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok());
    found.find(usable)
}

fn around(thing: &HtmlElement) -> Vec<Element> {
    std::iter::successors(thing.parent_element(), |element| element.parent_element()).collect()
}

/// True for what is gone or switched off.
fn is_off(thing: &HtmlElement) -> bool {
    !thing.is_connected() || thing.matches(":disabled, [hidden] *").unwrap_or(false)
}

/// True for what can take the focus: it is there, drawn, and not switched off.
fn usable(thing: &HtmlElement) -> bool {
    !is_off(thing) && thing.get_client_rects().length() > 0
}
