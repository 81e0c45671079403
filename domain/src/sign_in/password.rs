//! Passwords: long enough, and nothing else is asked of them.

/// Fewest characters…
const SHORTEST: usize = 12;
/// …and most.
const LONGEST: usize = 200;

/// The reasons for which a password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Too few characters.
    #[error("a password holds {SHORTEST} characters or more")]
    Short,
    /// Too many.
    #[error("a password holds at most {LONGEST} characters")]
    Long,
}

/// Refuses a password that is too short or too long.
///
/// # Errors
/// [`InvalidPassword`].
pub fn check_password(given: &str) -> Result<(), InvalidPassword> {
    match given.chars().count() {
        ..SHORTEST => Err(InvalidPassword::Short),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(InvalidPassword::Long),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(check_password(&"ü".repeat(11)), Err(InvalidPassword::Short));
        assert_eq!(check_password(&"ü".repeat(12)), Ok(()));
        assert_eq!(check_password(&"🙂".repeat(200)), Ok(()));
        assert_eq!(check_password(&"x".repeat(201)), Err(InvalidPassword::Long));
    }
}
