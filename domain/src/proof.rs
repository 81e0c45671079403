//! The proof by which a server shows that it knows its token, before anybody sends the token to it.
//!
//! Whoever asks sends a nonce of his own and gets the HMAC-SHA256 of it under the token. The server's port is part of what
//! is signed, so that nobody on another port can pass the question on to the real server and the answer back.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Keeps proofs apart from every other use of the token.
const LABEL: &str = "changeover proof v1";
/// Bytes of a nonce.
pub const NONCE: usize = 32;

/// The key that a server signs with: made from its token, and of no use as the token.
#[derive(Clone, PartialEq, Eq)]
pub struct ProofKey([u8; 32]);

/// The answer of a server that knows the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proof {
    /// HMAC-SHA256 in hexadecimal.
    pub proof: String,
}

impl ProofKey {
    /// The key of a server with this token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(format!("{LABEL}\0{token}")).into())
    }

    /// The proof for whoever sent `nonce` to `port`.
    pub fn prove(&self, port: u16, nonce: &[u8; NONCE]) -> Proof {
        Proof { proof: hex::encode(self.mac(port, nonce).finalize().into_bytes()) }
    }

    /// True when `proof` is the one for `nonce` and `port`. Takes the same time for every wrong one.
    pub fn proves(&self, port: u16, nonce: &[u8; NONCE], proof: &Proof) -> bool {
        let mut given = [0; 32];
        hex::decode_to_slice(&proof.proof, &mut given).is_ok() && self.mac(port, nonce).verify_slice(&given).is_ok()
    }

    fn mac(&self, port: u16, nonce: &[u8; NONCE]) -> Hmac<Sha256> {
        let keyed = Hmac::<Sha256>::new_from_slice(&self.0);
        let keyed = keyed.unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        keyed.chain_update(LABEL).chain_update(port.to_be_bytes()).chain_update(nonce)
    }
}

impl std::fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_proves_and_only_for_this_nonce_and_port() {
        let key = ProofKey::of("a token");
        let nonce = [7; NONCE];
        let proof = key.prove(7070, &nonce);
        assert!(key.proves(7070, &nonce, &proof));
        assert!(!key.proves(7071, &nonce, &proof), "passed on from another port");
        assert!(!key.proves(7070, &[8; NONCE], &proof), "an old one again");
        assert!(!ProofKey::of("another").proves(7070, &nonce, &proof));
        for proof in ["", "00", &"0".repeat(64), &"x".repeat(64)] {
            assert!(!key.proves(7070, &nonce, &Proof { proof: proof.to_owned() }), "{proof}");
        }
        assert!(!format!("{key:?}").contains("token"));
    }
}
