//! Names and e-mail addresses of people: nothing in them is hidden, and they are short.

use crate::visible;

/// Longest name in characters.
const LONGEST_NAME: usize = 120;
/// Longest address in characters.
const LONGEST_EMAIL: usize = 254;

/// The reasons for which a name or an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContact {
    /// A name with nothing in it, or too much.
    #[error("a name holds 1 to {LONGEST_NAME} characters")]
    Name,
    /// A character that controls or formats text.
    #[error("it holds a character that is not seen")]
    Hidden,
    /// No address.
    #[error("an e-mail address is written NAME@DOMAIN, without spaces, in at most {LONGEST_EMAIL} characters")]
    Email,
}

/// `given` without spaces around it, as the name of a person, a group or a program.
///
/// # Errors
/// [`InvalidContact`].
pub fn name(given: &str) -> Result<String, InvalidContact> {
    let name = given.trim();
    if visible::hides(name) {
        return Err(InvalidContact::Hidden);
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(InvalidContact::Name);
    }
    Ok(name.to_owned())
}

/// `given` without spaces around it, as an e-mail address.
///
/// # Errors
/// [`InvalidContact`].
pub fn email(given: &str) -> Result<String, InvalidContact> {
    let email = given.trim();
    if visible::hides(email) {
        return Err(InvalidContact::Hidden);
    }
    let parts: Vec<&str> = email.split('@').collect();
    let whole = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
    if !whole || email.chars().any(char::is_whitespace) || email.chars().count() > LONGEST_EMAIL {
        return Err(InvalidContact::Email);
    }
    Ok(email.to_owned())
}

/// The account that somebody means who types `email`: capitals and spaces around it make no other one.
pub fn account(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_short_and_hide_nothing() {
        assert_eq!(name("  Ada Lovelace ").unwrap(), "Ada Lovelace");
        assert_eq!(name(&"ü".repeat(120)).unwrap().chars().count(), 120);
        for (given, why) in [
            ("", InvalidContact::Name),
            ("   ", InvalidContact::Name),
            (&"x".repeat(121), InvalidContact::Name),
            ("Ada\u{202e}", InvalidContact::Hidden),
            ("Ada\r\nBcc: x", InvalidContact::Hidden),
        ] {
            assert_eq!(name(given), Err(why), "{given:?}");
        }
        assert_eq!(email(" Ada@example.org ").unwrap(), "Ada@example.org");
        for given in ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", &format!("{}@x", "a".repeat(254))] {
            assert_eq!(email(given), Err(InvalidContact::Email), "{given:?}");
        }
        assert_eq!(email("ada\n@example.org"), Err(InvalidContact::Hidden));
        assert_eq!(account(" Ada@Example.ORG"), "ada@example.org");
    }
}
