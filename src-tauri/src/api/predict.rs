//! Predictions by hand: a request is passed on to the gateway, with the deployment's own credential (DR-15).
//!
//! # Guarantees
//! - No more than so many at a time, so that nobody crowds out what the server is there for; each is bounded in bytes and time.
//! - No credential is in an answer, in the journal or in a log.

use domain::wire::{AskPrediction, ErrorCode, PredictionView};

use super::{Answer, ApiFor};
use crate::commands::Refusal;

impl ApiFor {
    /// Asks a deployment for a prediction; the answer is whatever it or the gateway said.
    ///
    /// # Errors
    /// `not_found`, `role_forbids`, `token_scope`, `invalid_field`, `runs_elsewhere`, `too_many_predictions`, `no_answer`;
    /// those of the store.
    pub(crate) async fn predict(&self, name_or_id: String, asked: AskPrediction) -> Result<Answer, Refusal> {
        let bounds = self.api.bounds;
        let _place = self.api.predictions.try_acquire().map_err(|_| {
            let most = bounds.predictions;
            let detail = format!(
                "{most} predictions are asked for on pages already, the most at a time. Try again in a moment, or send requests to the inference URL."
            );
            Refusal::new(ErrorCode::TooManyPredictions, detail)
        })?;
        let call = self.read(move |views| views.gateway_call(&name_or_id, asked)).await?;
        let no_answer = |detail: String| Refusal::new(ErrorCode::NoAnswer, detail);
        let late = |_| no_answer(format!("It did not answer within {} s.", bounds.prediction_patience.as_secs()));
        let answer = tokio::time::timeout(bounds.prediction_patience, self.api.live.predict(call)).await;
        let answer = answer.map_err(late)?.map_err(no_answer)?;
        Answer::done(&PredictionView {
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
            is_cut: answer.is_cut,
            revision: answer.revision.and_then(|revision| revision.parse().ok()),
            replica: answer.replica.and_then(|replica| replica.parse().ok()),
            milliseconds: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
        })
    }
}
