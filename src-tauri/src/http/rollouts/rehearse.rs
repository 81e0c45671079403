//! The rehearsal of a rollout.

use domain::wire::{RehearseView, StartRollout};

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams};

/// Play a rollout to the end without anything happening: plan, differences and what they cost.
#[utoipa::path(post, path = "/deployments/{d}/rehearse", tag = "rollouts", request_body = StartRollout,
    responses((status = 200, body = RehearseView)))]
pub(super) async fn rehearse(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<StartRollout>,
) -> Result<Answer, Refusal> {
    api.ask(key, move |views| {
        let row = views.moment().find(&d)?;
        Answer::done(&commands::rehearse(views.moment(), &row, &body)?)
    })
    .await
}
