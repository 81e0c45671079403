//! Models and their versions.

mod delete;
mod download;
mod inspect;
mod list;
mod pieces;
mod register;
mod show;
mod show_version;
mod upload;

use std::sync::Arc;

use domain::id::{ModelName, ModelRef, ModelVersion};
use domain::model::RegisteredModel;
use domain::wire::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;
use crate::commands::Refusal;
use crate::store::Reading;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, register::register))
        .routes(routes!(show::show))
        .routes(routes!(show_version::show_version, delete::delete))
        .routes(routes!(download::download))
}

/// The version that a path names.
pub(super) fn find(reading: &Reading<'_>, name: ModelName, version: ModelVersion) -> Result<RegisteredModel, Refusal> {
    let model = ModelRef { name, version };
    reading.model(&model)?.ok_or_else(|| {
        Refusal::new(ErrorCode::NotFound, format!("There is no model version {model}. Choose one that is registered."))
    })
}
