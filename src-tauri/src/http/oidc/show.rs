//! The identity provider, as strangers may know it.

use axum::extract::State;
use domain::wire::ProviderView;

use crate::api::Answer;
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::WithoutQuery;

/// Read which identity provider lets people in here; needs no sign-in.
#[utoipa::path(get, path = "/session/oidc", tag = "session", responses((status = 200, body = ProviderView)))]
pub(super) async fn show(State(door): State<Door>, _: WithoutQuery) -> Result<Answer, Refusal> {
    // Whoever sits before the window is known.
    let known = door.access.way_back().map(|_| door.api.provider());
    Answer::done(&known.unwrap_or_default())
}
