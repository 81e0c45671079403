//! Shows a model.

use std::sync::Arc;

use axum::extract::State;
use domain::id::ModelName;
use domain::wire::{ErrorCode, ModelView};

use crate::api::answer::Answer;
use crate::api::requests::{At, WithoutQuery};
use crate::api::serving::Serving;
use crate::api::views;
use crate::commands::Refusal;

/// Read a model with its versions, newest first.
#[utoipa::path(get, path = "/models/{name}", tag = "models", responses((status = 200, body = ModelView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At(name): At<ModelName>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |_, reading| {
            let versions = reading.model_versions(&name)?;
            let view = views::model(&views::Users::of(reading)?, name.clone(), versions).ok_or_else(|| {
                Refusal::new(
                    ErrorCode::NotFound,
                    format!("There is no model \"{name}\". GET /api/v1/models lists those there are."),
                )
            })?;
            Ok(Answer::ok(&view)?.hashed())
        })
        .await
}
