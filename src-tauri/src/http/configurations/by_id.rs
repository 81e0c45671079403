//! Finds a configuration by its id alone.

use std::sync::Arc;

use axum::extract::State;
use domain::id::ConfigurationId;
use domain::wire::{ConfigurationView, ErrorCode};

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Read a configuration of whichever deployment, with every default written out.
#[utoipa::path(get, path = "/configurations/{id}", tag = "configurations",
    responses((status = 200, body = ConfigurationView)))]
pub(super) async fn by_id(
    State(serving): State<Arc<Serving>>,
    At(id): At<ConfigurationId>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |_, reading| {
            let found = reading.configuration(&id)?;
            let deployment = found.as_ref().map(|found| reading.deployment(&found.deployment)).transpose()?.flatten();
            let (Some(found), Some(row)) = (found, deployment) else {
                return Err(Refusal::new(ErrorCode::NotFound, format!("There is no configuration {id}.")));
            };
            let view = views::configuration(&views::ConfigurationUse::of(reading, &row)?, found);
            Ok(Answer::ok(&view)?.hashed())
        })
        .await
}
