//! Links that let somebody in: what they hold stands behind the `#`, which no server sees.
//!
//! It is taken out of the address, so that it stays out of the browser's history.

use domain::wire::{Secret, SignIn};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::api;

/// What a sign-in link holds: the server's token (`/sign-in#TOKEN`), or the link that was made on the machine
/// (`/admin-link#SECRET`).
pub(crate) fn sign_in_of_link() -> Option<SignIn> {
    if let Some(token) = taken("/sign-in", "/sign-in") {
        return Some(SignIn { token: Some(Secret::new(token)), ..SignIn::default() });
    }
    let secret = taken("/admin-link", "/sign-in")?;
    Some(SignIn { admin_link: Some(Secret::new(secret)), ..SignIn::default() })
}

/// True for the address of an invitation.
pub(crate) fn is_invitation() -> bool {
    window().location().pathname().is_ok_and(|path| path == api::href("/join"))
}

/// The secret of an invitation (`/join#SECRET`); none when the page was loaded again.
pub(crate) fn secret_of_invitation() -> Option<String> {
    taken("/join", "/join")
}

fn taken(path: &str, leave: &str) -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let secret = hash.strip_prefix('#')?.to_owned();
    if location.pathname().ok()? != api::href(path) || secret.is_empty() {
        return None;
    }
    let left = api::href(leave);
    let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&left)));
    Some(secret)
}
