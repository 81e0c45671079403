//! The form of API tokens: `cot_`, 32 random bytes and check characters, by which a typo is told from a wrong token and
//! a scanner of sources knows one.

use sha2::{Digest as _, Sha256};

/// The beginning of every API token.
pub const TOKEN_PREFIX: &str = "cot_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of 32 bytes.
const BODY: usize = 43;
/// Check characters.
const CHECK: usize = 6;
/// Keeps the check apart from every other hash.
const LABEL: &str = "changeover api token check v1\0";

/// A text that begins as an API token and is none: a character is missing or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no API token: a character of it is missing or wrong. Copy it again as a whole")]
pub struct Misspelt;

/// The API token of these random bytes.
pub fn write_token(random: &[u8; 32]) -> String {
    let body = digits::<BODY>(random.to_vec());
    let check = check_of(&body);
    format!("{TOKEN_PREFIX}{body}{check}")
}

/// Checks the form of an API token, not whether anybody was given it.
///
/// # Errors
/// [`Misspelt`].
pub fn check_token(given: &str) -> Result<(), Misspelt> {
    let rest = given.strip_prefix(TOKEN_PREFIX).ok_or(Misspelt)?;
    let (body, check) = rest.split_at_checked(BODY).ok_or(Misspelt)?;
    let plain = body.bytes().all(|byte| DIGITS.contains(&byte));
    if plain && check == check_of(body) { Ok(()) } else { Err(Misspelt) }
}

fn check_of(body: &str) -> String {
    let hash = Sha256::digest(format!("{LABEL}{body}"));
    digits::<CHECK>(hash.iter().copied().take(8).collect())
}

/// The last `N` digits of a number to the base 62, of which these are the bytes, highest first.
fn digits<const N: usize>(mut number: Vec<u8>) -> String {
    let mut digits = Vec::with_capacity(N);
    for _ in 0..N {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = (rest << 8) | u32::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        digits.push(char::from(DIGITS[rest as usize % DIGITS.len()]));
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_token_is_one_and_none_with_a_typo_is(random: [u8; 32], place in 0_usize..53, digit in 0_usize..62) {
            let token = write_token(&random);
            prop_assert_eq!(token.len(), TOKEN_PREFIX.len() + BODY + CHECK);
            prop_assert_eq!(check_token(&token), Ok(()));
            let mut typo = token.clone().into_bytes();
            typo[place] = DIGITS[digit];
            let typo = String::from_utf8(typo).unwrap();
            prop_assert_eq!(check_token(&typo).is_ok(), typo == token);
        }
    }

    #[test]
    fn different_bytes_make_different_tokens() {
        assert_ne!(write_token(&[0; 32]), write_token(&[255; 32]));
        assert_eq!(&write_token(&[0; 32])[..47], format!("cot_{}", "0".repeat(43)));
        for wrong in ["", "cot_", "cot_ü", "abc", &"x".repeat(53), &format!("{} ", write_token(&[1; 32]))] {
            assert_eq!(check_token(wrong), Err(Misspelt), "{wrong:?}");
        }
    }
}
