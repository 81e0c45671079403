//! Somebody who stands before the door, as far as their request says who they are.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::api::Visitor;
use crate::connection::PeerAddress;
use crate::http::door::Door;

impl FromRequestParts<Door> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Infallible> {
        let source = door.access.source(parts.extensions.get::<PeerAddress>().copied(), &parts.headers);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self { source, agent })
    }
}
