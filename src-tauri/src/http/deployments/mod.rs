//! Deployments.

mod create;
mod delete;
mod list;
mod operate;
mod patch;
mod show;

use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use super::requests::Many;
use crate::api::Include;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, patch::patch, delete::delete))
        .routes(routes!(operate::deactivate))
        .routes(routes!(operate::activate))
        .routes(routes!(operate::relaunch))
}

/// Lists that are shown only when they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Lists {
    /// Every replica.
    Replicas,
    /// Every revision, those still being deployed included.
    Revisions,
}

fn included(lists: &Many<Lists>) -> Include {
    Include { replicas: lists.has(&Lists::Replicas), revisions: lists.has(&Lists::Revisions) }
}
