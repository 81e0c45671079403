//! Lists a deployment's configurations.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::{ConfigurationView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At, limit, page, wrong_cursor};
use crate::http::serving::Serving;
use crate::http::views;
use crate::store::tables::configurations::ConfigurationRow;

/// Which configurations are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name, the id or a model.
    q: Option<String>,
    /// How many at most: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List a deployment's configurations, newest first.
#[utoipa::path(get, path = "/deployments/{d}/configurations", tag = "configurations", params(Wanted),
    responses((status = 200, body = Page<ConfigurationView>)))]
pub(super) async fn list(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let q = wanted.q.unwrap_or_default().to_lowercase();
    serving
        .read(move |_, reading| {
            let row = commands::find(reading, &d)?;
            let mut rows = reading.readable_configurations(&row.id)?;
            if let Some(cursor) = &wanted.cursor {
                let last = rows.iter().position(|row| row.id.as_str() == cursor).ok_or_else(wrong_cursor)?;
                rows.drain(..=last);
            }
            rows.retain(|row| matches(row, &q));
            let rows = page(rows, limit, |row| row.id.to_string());
            let uses = views::ConfigurationUse::of(reading, &row)?;
            let items = rows.items.into_iter().map(|row| views::configuration(&uses, row)).collect();
            Answer::ok(&Page { items, next_cursor: rows.next_cursor })
        })
        .await
}

fn matches(row: &ConfigurationRow, q: &str) -> bool {
    let configuration = &row.configuration;
    configuration.name.to_lowercase().contains(q)
        || row.id.as_str().contains(q)
        || configuration.models.iter().any(|model| model.to_string().contains(q))
}
