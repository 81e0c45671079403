//! Checks the journal and everything that is made from it.

use domain::wire::Verification;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::WithoutQuery;

/// Check that every entry of the history is as it was written, and every table as the entries say.
#[utoipa::path(get, path = "/history/verify", tag = "history", responses((status = 200, body = Verification)))]
pub(super) async fn verify(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::done(&views.verification()?)).await
}
