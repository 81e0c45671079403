//! The API on behalf of whoever the guard has let in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::caller::Caller;

use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::{Door, access};

impl FromRequestParts<Door> for ApiFor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Refusal> {
        match parts.extensions.get::<Caller>() {
            Some(caller) => Ok(Self { api: Arc::clone(&door.api), caller: caller.clone() }),
            None => Err(access::unauthenticated(&parts.headers)),
        }
    }
}
