//! Who is signed in, and what the server is.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::Session;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::WithoutQuery;
use crate::http::serving::Serving;

/// Who is signed in, and what the server is.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session)))]
pub(super) async fn show(State(serving): State<Arc<Serving>>, _: WithoutQuery) -> Result<Answer, Refusal> {
    Ok(Answer::ok(&super::view(&serving.api))?.hashed())
}
