//! What somebody sees when the program of a page has broken off, which is a fault of ours.
//!
//! Nothing of the program is used for it that may be what broke: it is plain HTML, and the link is the browser's own.

use std::cell::Cell;
use std::panic::PanicHookInfo;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlDialogElement;

use crate::api;

thread_local! {
    static SEEN: Cell<bool> = const { Cell::new(false) };
}

/// Shows it, tells the server, and writes where it happened to the console. To be called by the program as it breaks off.
pub(crate) fn show(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    // What broke off breaks again with whatever happens next.
    if SEEN.replace(true) {
        return;
    }
    api::fault::tell(&info.to_string());
    let Some(body) = document().body() else { return };
    let _ = body.insert_adjacent_html("beforeend", HTML);
    let location = window().location();
    let here = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    if let Ok(Some(link)) = document().query_selector("[data-test=reload]") {
        let _ = link.set_attribute("href", &here);
    }
    let dialog = document().query_selector("[data-test=broken-off]").ok().flatten();
    if let Some(dialog) = dialog.as_ref().and_then(|dialog| dialog.dyn_ref::<HtmlDialogElement>()) {
        let _ = dialog.show_modal();
    }
}

/// `rel=external` keeps the router from taking the link for one of its own.
const HTML: &str = "<dialog class=\"broken-off\" role=\"alertdialog\" aria-labelledby=\"broken-off\" data-test=\"broken-off\"><h1 id=\"broken-off\">This page has stopped working</h1><p>That is a fault of Changeover, and was reported to the server&rsquo;s log. Deployments and rollouts are not touched by it. Reload the page to go on; what you wrote and had not sent is lost.</p><p><a class=\"button primary\" rel=\"external\" data-test=\"reload\" href=\"/\">Reload the page</a></p></dialog>";
