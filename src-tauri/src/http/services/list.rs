//! Lists services.

use domain::wire::{Page, ServiceView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List services, oldest first.
#[utoipa::path(get, path = "/services", tag = "people", responses((status = 200, body = Page<ServiceView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::services(&views.moment())?)).await
}
