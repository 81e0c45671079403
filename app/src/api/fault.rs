//! Tells the server of a page whose program has broken off.

use domain::wire::PageFault;
use web_sys::js_sys::{JSON, Object, Reflect};
use web_sys::wasm_bindgen::JsValue;

/// Sends it, without waiting for an answer: nothing of the program runs on.
pub(crate) fn tell(what: &str) {
    let Some(window) = web_sys::window() else { return };
    let page = window.location().pathname().unwrap_or_default();
    let fault = PageFault::cut(&page, what);
    let body = Object::new();
    for (key, value) in [("page", &fault.page), ("what", &fault.what)] {
        let _ = Reflect::set(&body, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    let Ok(body) = JSON::stringify(&body) else { return };
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&body);
    let Ok(request) = web_sys::Request::new_with_str_and_init(&format!("{}/faults", super::base()), &init) else {
        return;
    };
    let _ = request.headers().set("content-type", "application/json");
    let _ = window.fetch_with_request(&request);
}
