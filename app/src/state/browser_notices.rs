//! Notices that the browser shows itself, while the page is in the background.

use domain::notice::Said;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, Notification, NotificationOptions, NotificationPermission};

use crate::api::href;

/// The key in the browser's storage under which the choice is kept.
const KEY: &str = "changeover-browser-notices";

/// What the browser allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// It shows notices.
    Granted,
    /// Somebody has to be asked first.
    Ask,
    /// Somebody has said no.
    Denied,
    /// It knows no notices here.
    Unknown,
}

/// What the browser allows now.
pub(crate) fn permission() -> Permission {
    let known = web_sys::js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false);
    if !known {
        return Permission::Unknown;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Ask,
    }
}

/// True when somebody wants notices in this browser, and it shows them.
pub(crate) fn is_on() -> bool {
    let kept = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten());
    kept.is_some() && permission() == Permission::Granted
}

/// Turns them on, asking whoever looks at the page; what the browser allows then.
pub(crate) async fn turn_on() -> Permission {
    if permission() == Permission::Ask
        && let Ok(asked) = Notification::request_permission()
    {
        let _ = JsFuture::from(asked).await;
    }
    if permission() == Permission::Granted
        && let Ok(Some(storage)) = window().local_storage()
    {
        let _ = storage.set_item(KEY, "on");
    }
    permission()
}

/// Turns them off.
pub(crate) fn turn_off() -> Permission {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(KEY);
    }
    permission()
}

/// True when they are wanted, and nobody looks at the page.
pub(super) fn are_shown() -> bool {
    is_on() && document().hidden()
}

/// Shows one, where that is wanted and nobody looks at the page. A click leads to the page that it names.
pub(super) fn show(id: u64, said: &Said) {
    if !are_shown() {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&said.happened);
    // Several windows of the same page show it once.
    options.set_tag(&format!("changeover-{id}"));
    let Ok(shown) = Notification::new_with_options(&said.subject, &options) else { return };
    let (page, notice) = (href(&said.path), shown.clone());
    let clicked = Closure::once_into_js(move || {
        notice.close();
        let _ = window().focus();
        follow(&page);
    });
    shown.set_onclick(Some(clicked.unchecked_ref()));
}

/// Goes to a page as a click on a link would: the pages themselves cannot be named here.
fn follow(page: &str) {
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let (Some(link), Some(body)) = (link, document().body()) {
        let _ = link.set_attribute("href", page);
        let _ = body.append_child(&link);
        link.click();
        link.remove();
    }
}
