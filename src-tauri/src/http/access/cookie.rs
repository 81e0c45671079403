//! The cookie of a session: found among those that a browser sends, set and taken away.

use std::fmt;

use axum::http::{HeaderMap, header};
use domain::secret::Secret;
use domain::session::{COOKIE, HOST_COOKIE};

/// Longest path that a cookie is set for.
const LONGEST_ROOT: usize = 500;
/// The time that a browser keeps it, in seconds: 30 days, after which a session ends in any case.
const KEPT: u32 = 30 * 86_400;
/// Most values that are looked up: other programs of the same host may have set some.
const MOST: usize = 4;

/// The values of session cookies that were sent. One that only this very host can have set is taken alone.
pub(super) fn values(headers: &HeaderMap) -> Vec<String> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<_> =
        sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    let named = |wanted: &str| {
        let values = pairs.iter().filter(|(name, value)| *name == wanted && !value.is_empty()).take(MOST);
        values.map(|(_, value)| (*value).to_owned()).collect::<Vec<_>>()
    };
    let own = named(HOST_COOKIE);
    if own.is_empty() { named(COOKIE) } else { own }
}

/// `Set-Cookie` for somebody who has signed in on a page that lies under `root`.
pub(super) fn set(value: &Secret, root: &Root, is_encrypted: bool) -> String {
    let (name, secure) = form(root, is_encrypted);
    format!("{name}={}; HttpOnly; SameSite=Strict; Path={root}; Max-Age={KEPT}{secure}", value.reveal())
}

/// `Set-Cookie` for somebody who signs out on a page that lies under `root`.
pub(super) fn removed(root: &Root, is_encrypted: bool) -> String {
    let (name, secure) = form(root, is_encrypted);
    format!("{name}=; HttpOnly; SameSite=Strict; Path={root}; Max-Age=0{secure}")
}

/// Under a path, the cookie is kept from other programs of the host by that path, which the name of the host forbids.
fn form(root: &Root, is_encrypted: bool) -> (&'static str, &'static str) {
    match (is_encrypted, root.0 == "/") {
        (true, true) => (HOST_COOKIE, "; Secure"),
        (true, false) => (COOKIE, "; Secure"),
        (false, _) => (COOKIE, ""),
    }
}

/// The path that the interface lies under as a browser sees it: a proxy may put it under one. Other programs on the
/// same host are not sent the cookie.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub(in crate::http) struct Root(String);

impl Default for Root {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl TryFrom<String> for Root {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%".contains(c);
        match text.as_str() {
            "" => Ok(Self::default()),
            path if path.starts_with('/') && path.len() <= LONGEST_ROOT && path.chars().all(plain) => Ok(Self(text)),
            _ => Err("root must be a path such as /ops"),
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_this_very_host_is_taken_alone() {
        let values = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            values(&headers)
        };
        assert_eq!(values("a=1; changeover_session=x; changeover_session=y"), ["x", "y"]);
        assert_eq!(values("changeover_session=planted; __Host-changeover_session=z"), ["z"]);
        assert_eq!(values("changeover_session=; theme=dark"), Vec::<String>::new());
        assert_eq!(values(&"changeover_session=x; ".repeat(100)).len(), MOST);
    }

    #[test]
    fn it_is_secure_where_it_travels_encrypted() {
        let (value, root) = (Secret::new("x"), Root::default());
        let ops = Root::try_from("/ops".to_owned()).unwrap();
        assert!(
            set(&value, &root, true).starts_with("__Host-changeover_session=x; HttpOnly; SameSite=Strict; Path=/; ")
        );
        assert!(set(&value, &root, true).ends_with("; Secure") && set(&value, &ops, true).ends_with("; Secure"));
        assert!(set(&value, &ops, true).starts_with("changeover_session=x; "));
        assert!(!set(&value, &root, false).contains("Secure"));
        assert!(removed(&root, true).starts_with("__Host-changeover_session=; "));
    }
}
