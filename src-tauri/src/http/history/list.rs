//! Lists what happened.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{DeploymentId, Seq};
use domain::wire::{HistoryEntry, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, limit, page};
use crate::http::serving::Serving;
use crate::http::views;
use crate::store::Reading;
use crate::store::tables::journal::Filter;

/// Which entries are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those about this deployment: its name, or its id, which also finds one that is gone.
    deployment: Option<String>,
    /// Only those of this kind, as in `rollout_started`.
    kind: Option<String>,
    /// How many at most: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}$")]
    cursor: Option<Seq>,
}

/// List what happened, newest first.
#[utoipa::path(get, path = "/history", tag = "history", params(Wanted), responses((status = 200, body = Page<HistoryEntry>)))]
pub(super) async fn list(State(serving): State<Arc<Serving>>, Asked(wanted): Asked<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    serving
        .read(move |_, reading| {
            let deployment = match wanted.deployment {
                None => None,
                // The history of a deployment that is gone stays, and is found by its id.
                Some(named) => Some(match (commands::find(reading, &named), named.parse::<DeploymentId>()) {
                    (Ok(row), _) => row.id,
                    (Err(_), Ok(id)) if is_past(reading, &id)? => id,
                    (Err(refusal), _) => return Err(refusal),
                }),
            };
            let entries = reading.history(&Filter { deployment, kind: wanted.kind }, wanted.cursor, limit + 1)?;
            let entries = page(entries, limit, |written| written.seq.to_string());
            let items = entries.items.iter().map(views::written).collect();
            Answer::ok(&Page { items, next_cursor: entries.next_cursor })
        })
        .await
}

fn is_past(reading: &Reading<'_>, id: &DeploymentId) -> Result<bool, Refusal> {
    let filter = Filter { deployment: Some(id.clone()), kind: None };
    Ok(!reading.history(&filter, None, 1)?.is_empty())
}
