//! What differs between two configurations, and what it costs.

use std::sync::Arc;

use axum::extract::State;
use domain::diff::between;
use domain::id::ConfigurationId;
use domain::wire::{DiffView, ErrorCode};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At};
use crate::http::serving::Serving;

/// What to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The configuration to compare with.
    against: ConfigurationId,
}

/// Compare a configuration with another one: the fields that differ, and what each difference costs.
#[utoipa::path(get, path = "/deployments/{d}/configurations/{id}/diff", tag = "configurations", params(Wanted),
    responses((status = 200, body = DiffView)))]
pub(super) async fn diff(
    State(serving): State<Arc<Serving>>,
    At((d, id)): At<(String, ConfigurationId)>,
    Asked(Wanted { against }): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    serving
        .read(move |_, reading| {
            let row = commands::find(reading, &d)?;
            let candidate = super::find(reading, &row, &id, ErrorCode::NotFound)?;
            let current = super::find(reading, &row, &against, ErrorCode::UnknownConfiguration)?;
            let differences = between(&current.configuration, &candidate.configuration, domain::target::Traits::LOCAL);
            Ok(Answer::ok(&DiffView { against, differences })?.hashed())
        })
        .await
}
