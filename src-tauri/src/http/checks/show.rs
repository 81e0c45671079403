//! Shows a check.

use std::sync::Arc;

use axum::extract::State;
use domain::id::CheckId;
use domain::wire::{CheckView, ErrorCode};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Read a check: where it stands, and its report.
#[utoipa::path(get, path = "/deployments/{d}/checks/{id}", tag = "checks", responses((status = 200, body = CheckView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At((d, id)): At<(String, CheckId)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let check = reading.check(&id)?.filter(|check| check.deployment == row.id).ok_or_else(|| {
                Refusal::new(
                    ErrorCode::NotFound,
                    format!(
                        "{} has no check {id}. GET /api/v1/deployments/{}/checks lists its own.",
                        row.name, row.name
                    ),
                )
            })?;
            Ok(Answer::ok(&views::check(reading, &row, &api.live.machine(&row.target), check)?)?.hashed())
        })
        .await
}
