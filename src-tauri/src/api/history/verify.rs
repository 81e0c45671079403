//! Checks the journal's chain.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::Verification;

use crate::api::answer::Answer;
use crate::api::requests::WithoutQuery;
use crate::api::serving::Serving;
use crate::commands::Refusal;

/// Check that every entry of the history is as it was written, and find the first that is not.
#[utoipa::path(get, path = "/history/verify", tag = "history", responses((status = 200, body = Verification)))]
pub(super) async fn verify(State(serving): State<Arc<Serving>>, _: WithoutQuery) -> Result<Answer, Refusal> {
    serving.read(|_, reading| Answer::ok(&reading.verify_history()?)).await
}
