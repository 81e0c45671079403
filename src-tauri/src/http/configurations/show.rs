//! Shows a configuration.

use std::sync::Arc;

use axum::extract::State;
use domain::id::ConfigurationId;
use domain::wire::{ConfigurationView, ErrorCode};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Read a configuration, with every default written out.
#[utoipa::path(get, path = "/deployments/{d}/configurations/{id}", tag = "configurations",
    responses((status = 200, body = ConfigurationView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At((d, id)): At<(String, ConfigurationId)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |_, reading| {
            let row = commands::find(reading, &d)?;
            let found = super::find(reading, &row, &id, ErrorCode::NotFound)?;
            let view = views::configuration(&views::ConfigurationUse::of(reading, &row)?, found);
            Ok(Answer::ok(&view)?.hashed())
        })
        .await
}
