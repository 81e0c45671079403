//! The credentials of callers of an inference URL: keys, and signed tokens that expire by themselves (AZ-3).
//!
//! A token is `ct1.EXPIRES.MAC`: when it expires in seconds since 1970, and the HMAC-SHA256 of all before the
//! last point in hexadecimal, under the deployment's secret. Nothing is kept of it: another secret revokes all.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

words! {
    /// One of the two keys of a deployment: while callers change to one, the other stays as it is (AZ-3).
    pub enum Key {
        /// The first.
        Primary = "primary",
        /// The second.
        Secondary = "secondary",
    }
}

/// The reasons for which a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The token was not signed with this secret, or is no token at all.
    NotSigned,
    /// The token was signed, and has expired.
    Expired,
}

const VERSION: &str = "ct1";

/// A token that is accepted until `expires_at`, to the second.
pub fn sign_token(secret: &[u8], expires_at: Timestamp) -> String {
    let signed = format!("{VERSION}.{}", expires_at.as_second());
    let mac = mac(secret, &signed).finalize().into_bytes();
    format!("{signed}.{}", hex::encode(mac))
}

/// The check of `token` at `now`, in seconds since 1970. Takes the same time for every wrong signature.
///
/// # Errors
/// [`Rejected`].
pub fn verify_token(secret: &[u8], token: &str, now: i64) -> Result<(), Rejected> {
    let (signed, given) = token.rsplit_once('.').ok_or(Rejected::NotSigned)?;
    let (version, expires_at) = signed.split_once('.').ok_or(Rejected::NotSigned)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(given, &mut bytes).map_err(|_| Rejected::NotSigned)?;
    mac(secret, signed).verify_slice(&bytes).map_err(|_| Rejected::NotSigned)?;
    let expires_at: i64 = expires_at.parse().map_err(|_| Rejected::NotSigned)?;
    if version != VERSION {
        return Err(Rejected::NotSigned);
    }
    if now < expires_at { Ok(()) } else { Err(Rejected::Expired) }
}

fn mac(secret: &[u8], signed: &str) -> Hmac<Sha256> {
    // HMAC takes a key of any length.
    let keyed = Hmac::<Sha256>::new_from_slice(secret);
    keyed.unwrap_or_else(|_| unreachable!("a key of {} bytes", secret.len())).chain_update(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_is_accepted_until_it_expires() {
        let token = sign_token(SECRET, at(1_000));
        assert_eq!(verify_token(SECRET, &token, 0), Ok(()));
        assert_eq!(verify_token(SECRET, &token, 999), Ok(()));
        assert_eq!(verify_token(SECRET, &token, 1_000), Err(Rejected::Expired));
    }

    #[test]
    fn another_secret_revokes_it_expired_or_not() {
        let token = sign_token(SECRET, at(1_000));
        for now in [0, 2_000] {
            assert_eq!(verify_token(b"another secret", &token, now), Err(Rejected::NotSigned));
        }
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_not_signed() {
        let token = sign_token(SECRET, at(1_000));
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(verify_token(SECRET, &changed, 0), Err(Rejected::NotSigned), "{changed}");
        }
        let (rest, mac) = token.rsplit_once('.').unwrap();
        for other in ["", ".", "..", rest, mac, &format!("{rest}."), &format!("{token}0"), &format!("9{token}"), "ü"] {
            assert_eq!(verify_token(SECRET, other, 0), Err(Rejected::NotSigned), "{other}");
        }
    }

    #[test]
    fn a_token_is_the_hmac_that_others_compute() {
        // As `printf ct1.1000 | openssl dgst -sha256 -hmac "a secret"` has it.
        let mac = "43f8833c27ba3884a3623305f14fc107e4b84839de1b8d4a623473b029d1de9c";
        assert_eq!(sign_token(SECRET, at(1_000)), format!("ct1.1000.{mac}"));
    }
}
