//! Asks for a check.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{CheckView, StartCheck};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, Sent};
use crate::http::serving::Serving;
use crate::http::views;

/// Try a candidate in a scratch replica beside the deployment, which is not touched. A check of the same code that has
/// not ended is answered instead of a second one.
#[utoipa::path(post, path = "/deployments/{d}/checks", tag = "checks", request_body = StartCheck,
    responses((status = 202, body = CheckView)))]
pub(super) async fn start(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Sent { body, once }: Sent<StartCheck>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            let check = commands::start_check(writing, &row, &body)?;
            let location = format!("/api/v1/deployments/{}/checks/{}", row.name, check.id);
            Ok(Answer::accepted(
                location,
                &views::check(&writing.reading(), &row, &api.live.machine(&row.target), check)?,
            )?
            .hashed())
        })
        .await
}
