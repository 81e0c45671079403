//! Signing in and out.

use domain::wire::Session;
use serde_json::json;

use super::Failure;

/// The session of whoever is signed in.
pub(crate) async fn read() -> Result<Session, Failure> {
    super::get("/session").await
}

/// Trades a token for a cookie that scripts cannot read.
pub(crate) async fn sign_in(token: &str) -> Result<Session, Failure> {
    super::post("/session", &json!({ "token": token, "root": super::root() })).await
}

/// Forgets the cookie.
pub(crate) async fn sign_out() -> Result<(), Failure> {
    super::delete(&format!("/session?root={}", super::escape(super::root()))).await
}
