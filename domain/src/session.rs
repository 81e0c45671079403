//! The cookie that signs a browser in to the API: by its name it is told from the cookies of others.
//!
//! Browsers send cookies to every port of a host, so the gateway, and any model's program behind it, would get it too.

/// The name of the session cookie.
pub const COOKIE: &str = "changeover_session";
/// Its name where it travels encrypted: browsers take a cookie of this name from this very host only, and only so.
pub const HOST_COOKIE: &str = "__Host-changeover_session";

/// The name of the cookie of somebody who is on their way to the identity provider and back.
pub const ERRAND_COOKIE: &str = "changeover_errand";
/// Its name where it travels encrypted.
pub const HOST_ERRAND_COOKIE: &str = "__Host-changeover_errand";

/// The value of a `Cookie` header without our cookies: `None` when it holds none, so that nothing has to change.
pub fn without_session(cookies: &[u8]) -> Option<Vec<u8>> {
    if !cookies.split(|byte| *byte == b';').any(is_session) {
        return None;
    }
    let others = cookies.split(|byte| *byte == b';').filter(|pair| !is_session(pair));
    let others: Vec<&[u8]> = others.map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()).collect();
    Some(others.join(&b"; "[..]))
}

/// True when a pair of a `Cookie` header, or the value of a `Set-Cookie` header, is one of our cookies. Browsers keep a
/// cookie without a name, and send its value alone, which may then look like a pair.
pub fn is_session(pair: &[u8]) -> bool {
    let nameless = pair.iter().take_while(|byte| **byte == b'=' || byte.is_ascii_whitespace()).count();
    let pair = &pair[nameless..];
    let name = pair.split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default().trim_ascii();
    // Browsers that keep to the rules of such prefixes do so however they are written.
    let plain = [COOKIE, ERRAND_COOKIE].iter().any(|ours| name == ours.as_bytes());
    plain || [HOST_COOKIE, HOST_ERRAND_COOKIE].iter().any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

words! {
    /// The ways in which somebody shows who they are when they sign in.
    pub enum SignInMethod {
        /// The server's own token, which whoever sits at the machine can read.
        Token = "token",
        /// A password.
        Password = "password",
        /// A link that was made for an invitation.
        Invitation = "invitation",
        /// A link that was made on the machine.
        AdminLink = "admin_link",
        /// An identity provider.
        Provider = "provider",
    }
}

impl SignInMethod {
    /// A few words for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Token => "the server's token",
            Self::Password => "a password",
            Self::Invitation => "an invitation",
            Self::AdminLink => "a link made on the machine",
            Self::Provider => "an identity provider",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_alone_is_left_out() {
        for (given, left) in [
            ("a=1; changeover_session=x; b=2", Some("a=1; b=2")),
            ("changeover_session=x", Some("")),
            ("changeover_session=x;changeover_session=y", Some("")),
            ("changeover_session", Some("")),
            ("  changeover_session = x ; a=1", Some("a=1")),
            ("a=\"1; changeover_session=x\"", Some("a=\"1")),
            ("a=1; =changeover_session=x; b=2", Some("a=1; b=2")),
            (" = =changeover_session=x", Some("")),
            ("a=1; __Host-changeover_session=x; b=2", Some("a=1; b=2")),
            ("__host-Changeover_Session=x; =__Host-changeover_session=y", Some("")),
            ("a=1; changeover_errand=x; __Host-changeover_errand=y", Some("a=1")),
            ("a=changeover_session=x", None),
            ("changeover_session2=x; my_changeover_session=y; Changeover_Session=z", None),
            ("", None),
        ] {
            let left = left.map(|left| left.as_bytes().to_vec());
            assert_eq!(without_session(given.as_bytes()), left, "{given}");
        }
        assert_eq!(without_session(b"a=\xff; changeover_session=x").unwrap(), b"a=\xff");
    }
}
