//! Configurations of a deployment.

mod by_id;
mod create;
mod diff;
mod list;
mod show;

use std::sync::Arc;

use domain::id::ConfigurationId;
use domain::wire::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::serving::Serving;
use crate::commands::Refusal;
use crate::store::Reading;
use crate::store::tables::configurations::ConfigurationRow;
use domain::ledger::Deployment;

pub(super) fn routes() -> OpenApiRouter<Arc<Serving>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show))
        .routes(routes!(diff::diff))
        .routes(routes!(by_id::by_id))
}

/// One of the deployment's configurations.
fn find(
    reading: &Reading<'_>,
    row: &Deployment,
    id: &ConfigurationId,
    code: ErrorCode,
) -> Result<ConfigurationRow, Refusal> {
    let found = reading.configuration(id)?.filter(|found| found.deployment == row.id);
    found.ok_or_else(|| Refusal::new(code, format!("{} has no configuration {id}.", row.name)))
}
