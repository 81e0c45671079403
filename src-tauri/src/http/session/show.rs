//! The caller who is signed in, and the server's name and version.

use domain::wire::Session;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::WithoutQuery;

/// The caller who is signed in, and the server's name and version.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session)))]
pub(super) async fn show(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    Ok(api.read(|views| Answer::done(&views.session()?)).await?.hashed())
}
