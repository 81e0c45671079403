//! Shows a model.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{ModelName, ModelVersion, TargetName};
use domain::wire::{ErrorCode, ModelView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At, limit};
use crate::http::serving::Serving;
use crate::http::views;

/// Which versions are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How many at most: 1 to 1,000; by default 1,000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Only versions below this one.
    before: Option<ModelVersion>,
}

/// Read a model with its versions, newest first.
#[utoipa::path(get, path = "/models/{name}", tag = "models", params(Wanted), responses((status = 200, body = ModelView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At(name): At<ModelName>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 1_000, 1_000)?;
    serving
        .read(move |api, reading| {
            let versions = reading.model_versions(&name, wanted.before, limit)?;
            let view = views::model(
                &views::Users::of(reading, &api.live.machine(&TargetName::default()))?,
                reading,
                name.clone(),
                versions,
            )?
            .ok_or_else(|| {
                let which = wanted.before.map_or_else(String::new, |before| format!(" with a version below {before}"));
                Refusal::new(
                    ErrorCode::NotFound,
                    format!("There is no model \"{name}\"{which}. Choose one that is registered."),
                )
            })?;
            Ok(Answer::ok(&view)?.hashed())
        })
        .await
}
