//! Shows one version of a model.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{ModelName, ModelVersion, TargetName};
use domain::wire::ModelVersionView;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Read one version of a model.
#[utoipa::path(get, path = "/models/{name}/versions/{version}", tag = "models", responses((status = 200, body = ModelVersionView)))]
pub(super) async fn show_version(
    State(serving): State<Arc<Serving>>,
    At((name, version)): At<(ModelName, ModelVersion)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    serving
        .read(move |api, reading| {
            let model = super::find(reading, name, version)?;
            Ok(Answer::ok(&views::version(
                &views::Users::of(reading, &api.live.machine(&TargetName::default()))?,
                model,
            ))?
            .hashed())
        })
        .await
}
