//! The answer to somebody who has come in: their session, and the cookie for it.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use crate::api::{Answer, CameIn};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::access::Root;

/// The path that the page lies under, as it says.
pub(in crate::http) fn root(given: Option<String>) -> Result<Root, Refusal> {
    given.unwrap_or_default().try_into().map_err(|why| Refusal::invalid("root", format!("root: {why}.")))
}

pub(in crate::http) async fn entered(
    door: &Door,
    CameIn { own, cookie }: CameIn,
    headers: &HeaderMap,
    root: &Root,
) -> Result<Response, Refusal> {
    let answer = own.read(|views| Answer::done(&views.session()?)).await?;
    Ok(([(header::SET_COOKIE, door.access.cookie(headers, &cookie, root))], answer).into_response())
}
