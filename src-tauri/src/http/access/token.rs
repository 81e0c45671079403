//! The token, and the cookie that stands for it.

use std::fmt;

use axum::http::{HeaderMap, header};
use domain::session::COOKIE;
use sha2::{Digest as _, Sha256};

/// Keeps the cookie's value apart from every other use of the token.
const LABEL: &str = "changeover session cookie v1\0";
/// Longest path that a cookie is set for.
const LONGEST_ROOT: usize = 500;
/// The time that a browser keeps it, in seconds: 30 days.
const KEPT: u32 = 30 * 86_400;

/// A secret. Only hashes of it are kept here, and they are never shown.
pub(super) struct Token {
    hash: Option<[u8; 32]>,
    cookie: String,
    cookie_hash: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// An empty token is no token: nothing is equal to it.
    pub(super) fn new(token: &str) -> Self {
        let cookie = hex::encode(Sha256::digest(format!("{LABEL}{token}")));
        let hash = (!token.is_empty()).then(|| Sha256::digest(token).into());
        Self { hash, cookie_hash: Sha256::digest(&cookie).into(), cookie }
    }

    /// True when `given` is the token.
    pub(super) fn is(&self, given: &str) -> bool {
        self.hash.is_some_and(|hash| same(&hash, given))
    }

    /// True when the cookie of somebody who has signed in was sent.
    pub(super) fn is_in_cookie(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        self.hash.is_some() && pairs.any(|(name, value)| name == COOKIE && same(&self.cookie_hash, value))
    }

    /// `Set-Cookie` for somebody who has shown the token on a page that lies under `root`.
    pub(super) fn set_cookie(&self, root: &Root) -> String {
        format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path={root}; Max-Age={KEPT}", self.cookie)
    }
}

/// `Set-Cookie` for somebody who signs out on a page that lies under `root`.
pub(in crate::http) fn no_cookie(root: &Root) -> String {
    format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path={root}; Max-Age=0")
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

/// True when `given` has this hash; takes the same time wherever the two differ.
fn same(hash: &[u8; 32], given: &str) -> bool {
    let given: [u8; 32] = Sha256::digest(given).into();
    hash.iter().zip(given).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}
