//! What a rollout would do.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{RehearseView, StartRollout};

use crate::commands::{self, Refusal};
use crate::http::Api;
use crate::http::answer::Answer;
use crate::http::requests::{At, Sent};
use crate::http::serving::Serving;
use crate::store::Reading;

/// Play a rollout to the end without anything happening: plan, differences and what they cost.
#[utoipa::path(post, path = "/deployments/{d}/rehearse", tag = "rollouts", request_body = StartRollout,
    responses((status = 200, body = RehearseView)))]
pub(super) async fn rehearse(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Sent { body, once }: Sent<StartRollout>,
) -> Result<Answer, Refusal> {
    serving.ask(once, move |api, reading| answer(api, reading, &d, &body)).await
}

/// The rehearsal of what `request` asks for.
pub(super) fn answer(api: &Api, reading: &Reading<'_>, d: &str, request: &StartRollout) -> Result<Answer, Refusal> {
    let row = commands::find(reading, d)?;
    Answer::ok(&commands::rehearse(reading, &row, request, &api.live.machine(&row.target))?)
}
