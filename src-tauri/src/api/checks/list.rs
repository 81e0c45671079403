//! Lists checks.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{CheckView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::answer::Answer;
use crate::api::requests::{Asked, At, limit};
use crate::api::serving::Serving;
use crate::api::views;
use crate::commands::{self, Refusal};

/// Which checks are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How many at most: 1 to 200; by default 20.
    limit: Option<u32>,
}

/// List the newest checks of a deployment, newest first. The 200 newest are kept.
#[utoipa::path(get, path = "/deployments/{d}/checks", tag = "checks", params(Wanted),
    responses((status = 200, body = Page<CheckView>)))]
pub(super) async fn list(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 20, 200)?;
    serving
        .read(move |_, reading| {
            let row = commands::find(reading, &d)?;
            let checks = reading.checks(&row.id, limit)?;
            let items =
                checks.into_iter().map(|check| views::check(reading, &row, check)).collect::<Result<Vec<_>, _>>()?;
            Answer::ok(&Page { items, next_cursor: None })
        })
        .await
}
