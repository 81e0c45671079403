//! Lists checks.

use std::sync::Arc;

use axum::extract::State;
use domain::id::CheckId;
use domain::wire::{CheckView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At, limit, page};
use crate::http::serving::Serving;
use crate::http::views;
use domain::ledger::Check;

/// Which checks are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How many at most: 1 to 200; by default 20.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<CheckId>,
}

/// Checks of a deployment that are kept.
const KEPT: u32 = 200;

/// List the newest checks of a deployment, newest first. The 200 newest are kept.
#[utoipa::path(get, path = "/deployments/{d}/checks", tag = "checks", params(Wanted),
    responses((status = 200, body = Page<CheckView>)))]
pub(super) async fn list(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 20, KEPT)?;
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let older = |check: &Check| wanted.cursor.as_ref().is_none_or(|cursor| check.id < *cursor);
            let rows = page(reading.checks(&row.id, KEPT)?.into_iter().filter(older), limit, |row| row.id.to_string());
            let views =
                rows.items.into_iter().map(|check| views::check(reading, &row, &api.live.machine(&row.target), check));
            Answer::ok(&Page { items: views.collect::<Result<Vec<_>, _>>()?, next_cursor: rows.next_cursor })
        })
        .await
}
