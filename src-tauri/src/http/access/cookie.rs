//! The cookies of a session, and of the way to the identity provider and back: found among those that a browser sends,
//! set and taken away.

use std::fmt;

use axum::http::{HeaderMap, header};
use domain::secret::Secret;
use domain::session::{COOKIE, ERRAND_COOKIE, HOST_COOKIE, HOST_ERRAND_COOKIE};
use domain::sign_in::ERRAND_MINUTES;

/// Longest path that a cookie is set for.
const LONGEST_ROOT: usize = 500;
/// Most values that are looked up: other programs of the same host may have set some.
const MOST: usize = 4;

/// The cookies of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// That of a session.
    Session,
    /// That of somebody who is on their way to the identity provider and back.
    Errand,
}

impl Kind {
    /// Its name, and the one that it has where only this very host can have set it.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Session => (COOKIE, HOST_COOKIE),
            Self::Errand => (ERRAND_COOKIE, HOST_ERRAND_COOKIE),
        }
    }

    /// The time that a browser keeps it, in seconds. A session ends after 30 days in any case.
    fn kept(self) -> i64 {
        match self {
            Self::Session => 30 * 86_400,
            Self::Errand => ERRAND_MINUTES * 60,
        }
    }

    /// The pages from which it is sent: those of this server alone; also on the way back from the provider's.
    fn same_site(self) -> &'static str {
        match self {
            Self::Session => "Strict",
            Self::Errand => "Lax",
        }
    }
}

/// The values of cookies of this kind that were sent. One that only this very host can have set is taken alone.
pub(super) fn values(headers: &HeaderMap, kind: Kind) -> Vec<String> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<_> =
        sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    let named = |wanted: &str| {
        let values = pairs.iter().filter(|(name, value)| *name == wanted && !value.is_empty()).take(MOST);
        values.map(|(_, value)| (*value).to_owned()).collect::<Vec<_>>()
    };
    let (name, of_host) = kind.names();
    let own = named(of_host);
    if own.is_empty() { named(name) } else { own }
}

/// `Set-Cookie` for somebody on a page that lies under `root`.
pub(super) fn set(kind: Kind, value: &Secret, root: &Root, is_encrypted: bool) -> String {
    let (name, secure) = form(kind, root, is_encrypted);
    let (same_site, kept) = (kind.same_site(), kind.kept());
    format!("{name}={}; HttpOnly; SameSite={same_site}; Path={root}; Max-Age={kept}{secure}", value.reveal())
}

/// `Set-Cookie` that takes it away from somebody on a page that lies under `root`.
pub(super) fn removed(kind: Kind, root: &Root, is_encrypted: bool) -> String {
    let (name, secure) = form(kind, root, is_encrypted);
    format!("{name}=; HttpOnly; SameSite={}; Path={root}; Max-Age=0{secure}", kind.same_site())
}

/// Under a path, the cookie is kept from other programs of the host by that path, which the name of the host forbids.
fn form(kind: Kind, root: &Root, is_encrypted: bool) -> (&'static str, &'static str) {
    let (name, of_host) = kind.names();
    match (is_encrypted, root.0 == "/") {
        (true, true) => (of_host, "; Secure"),
        (true, false) => (name, "; Secure"),
        (false, _) => (name, ""),
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
            super::values(&headers, Kind::Session)
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
            set(Kind::Session, &value, &root, true)
                .starts_with("__Host-changeover_session=x; HttpOnly; SameSite=Strict; Path=/; ")
        );
        assert!(
            set(Kind::Session, &value, &root, true).ends_with("; Secure")
                && set(Kind::Session, &value, &ops, true).ends_with("; Secure")
        );
        assert!(set(Kind::Session, &value, &ops, true).starts_with("changeover_session=x; "));
        assert!(!set(Kind::Session, &value, &root, false).contains("Secure"));
        assert!(removed(Kind::Session, &root, true).starts_with("__Host-changeover_session=; "));
        let errand = set(Kind::Errand, &value, &root, true);
        assert_eq!(errand, "__Host-changeover_errand=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure");
    }
}
