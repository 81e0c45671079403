//! Lists a deployment's rollouts.

use std::sync::Arc;

use axum::extract::State;
use domain::id::RolloutNumber;
use domain::wire::{Page, RolloutView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At, limit, page};
use crate::http::serving::Serving;
use crate::http::views;

/// Which rollouts are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How many at most: 1 to 100; by default 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,9}$")]
    cursor: Option<RolloutNumber>,
}

/// List a deployment's rollouts, newest first, with steps and receipts.
#[utoipa::path(get, path = "/deployments/{d}/rollouts", tag = "rollouts", params(Wanted),
    responses((status = 200, body = Page<RolloutView>)))]
pub(super) async fn list(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 20, 100)?;
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let rows = reading.rollouts(&row.id, wanted.cursor, limit + 1)?;
            let rows = page(rows, limit, |rollout| rollout.number.to_string());
            let views = rows.items.into_iter().map(|found| views::rollout(api, reading, &row.id, found));
            Answer::ok(&Page { items: views.collect::<Result<Vec<_>, _>>()?, next_cursor: rows.next_cursor })
        })
        .await
}
