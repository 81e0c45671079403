//! Links that let somebody in: what they hold stands behind the `#`, which no server sees. The same goes for what the
//! identity provider gives somebody who comes back from there.
//!
//! It is taken out of the address, so that it stays out of the browser's history.

use domain::wire::{FinishErrand, Secret, SignIn};
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

/// What the identity provider gave (`/signed-in#code=…`), when somebody comes back from there.
pub(crate) fn errand_of_link() -> Option<FinishErrand> {
    let given = web_sys::UrlSearchParams::new_with_str(&taken("/signed-in", "/sign-in")?).ok()?;
    let secret = |name: &str| given.get(name).map(Secret::new);
    let (code, state) = (secret("code"), secret("state"));
    Some(FinishErrand { code, state, iss: given.get("iss"), error: given.get("error"), root: None })
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
