//! Proves that this server knows its token, to whoever is about to send it.

use axum::extract::State;
use domain::proof::{NONCE, Proof};
use domain::wire::ErrorCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::QueryParams;

/// The nonce that is to be signed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Challenge {
    /// 32 bytes in hexadecimal, chosen anew for each question.
    #[param(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    nonce: String,
}

/// Prove that this is the server whose token the caller has, before the token is sent; needs none. The HMAC-SHA256 of
/// port and nonce, under a key that is made from the token.
#[utoipa::path(get, path = "/session/proof", tag = "session", params(Challenge), responses((status = 200, body = Proof)))]
pub(super) async fn prove(
    State(door): State<Door>,
    QueryParams(challenge): QueryParams<Challenge>,
) -> Result<Answer, Refusal> {
    let mut nonce = [0; NONCE];
    let wrong = |_| Refusal::invalid("nonce", format!("A nonce is {NONCE} bytes in hexadecimal."));
    hex::decode_to_slice(&challenge.nonce, &mut nonce).map_err(wrong)?;
    let proof = door.access.prove(&nonce);
    let proof = proof.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "This server has no token and needs none."))?;
    Answer::done(&proof)
}
