//! The address to which the identity provider sends a browser back.
//!
//! The browser comes from a page of somebody else, so it does not send the cookie of a session here (`SameSite=Strict`).
//! Nothing is done with the code yet: it is handed to a page of this server, behind the `#`, and that page sends it, which
//! is a request like any other of this server's pages.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use crate::commands::Refusal;
use crate::http::Door;

/// What is handed on; a provider may send more.
const KNOWN: [&str; 4] = ["code", "state", "iss", "error"];
/// Longest of them in bytes.
const LONGEST: usize = 4_096;

/// Come back from the identity provider, which sends browsers here. They go on to a page, which finishes the way.
#[utoipa::path(get, path = "/session/oidc/callback", tag = "session",
    responses((status = 303, description = "On to the page that finishes the way")))]
pub(super) async fn callback(State(door): State<Door>, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let base = super::back::base(&door)?;
    let mut handed_on = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if KNOWN.contains(&name.as_ref()) && value.len() <= LONGEST {
            handed_on.append_pair(&name, &value);
        }
    }
    let location = format!("{base}/signed-in#{}", handed_on.finish());
    let location = HeaderValue::try_from(location).map_err(|error| Refusal::fault("the way on is none", &error))?;
    let quiet = HeaderValue::from_static("no-referrer");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::REFERRER_POLICY, quiet)]).into_response())
}
