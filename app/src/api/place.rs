//! The place of this page: the root of its host, or, behind a proxy, a path below it.

use std::sync::OnceLock;

/// The path that the interface lies under, without a slash at its end; empty at the root.
///
/// It is found from the page that was loaded, so it must be asked for once before the address changes.
pub(crate) fn root() -> &'static str {
    static ROOT: OnceLock<String> = OnceLock::new();
    ROOT.get_or_init(|| found().unwrap_or_default())
}

/// The address of a page of the interface, which begins with a slash, for a link.
pub(crate) fn href(page: &str) -> String {
    format!("{}{page}", root())
}

/// The page says where the root lies as seen from the address that it was asked for at.
fn found() -> Option<String> {
    let window = web_sys::window()?;
    let named = window.document()?.query_selector("meta[name=root]").ok()??.get_attribute("content")?;
    let root = web_sys::Url::new_with_base(&named, &window.location().href().ok()?).ok()?;
    Some(root.pathname().trim_end_matches('/').to_owned())
}
