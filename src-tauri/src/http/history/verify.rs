//! Checks the journal and everything that is made from it.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::Verification;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::WithoutQuery;
use crate::http::serving::Serving;

/// Check that every entry of the history is as it was written, and every table as the entries say.
#[utoipa::path(get, path = "/history/verify", tag = "history", responses((status = 200, body = Verification)))]
pub(super) async fn verify(State(serving): State<Arc<Serving>>, _: WithoutQuery) -> Result<Answer, Refusal> {
    serving.read(|api, _| Answer::ok(&api.store.verify()?)).await
}
