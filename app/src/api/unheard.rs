//! Requests whose answers were never heard. The server may have done what they asked for: whoever repeats one soon
//! repeats it under the same key, so that it is done once.

use std::cell::RefCell;

use web_sys::js_sys::Date;

/// Milliseconds after which the same request is meant anew.
const SOON_MS: f64 = 300_000.0;

struct Unheard {
    path: String,
    body: Option<String>,
    key: String,
    at: f64,
}

thread_local! {
    static ALL: RefCell<Vec<Unheard>> = const { RefCell::new(Vec::new()) };
}

/// The key of such a request that was not heard.
pub(super) fn key_of(path: &str, body: Option<&str>) -> Option<String> {
    let same = |one: &&Unheard| one.path == path && one.body.as_deref() == body && Date::now() - one.at < SOON_MS;
    ALL.with_borrow(|all| all.iter().find(same).map(|one| one.key.clone()))
}

/// Notes one.
pub(super) fn note(path: &str, body: Option<String>, key: String) {
    ALL.with_borrow_mut(|all| {
        all.retain(|one| one.key != key);
        all.push(Unheard { path: path.to_owned(), body, key, at: Date::now() });
    });
}

/// Forgets them all: something else was heard meanwhile, and what comes after it is meant anew.
pub(super) fn forget() {
    ALL.with_borrow_mut(Vec::clear);
}
