//! Lists groups.

use domain::wire::{GroupView, Page};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List groups by name.
#[utoipa::path(get, path = "/groups", tag = "people", responses((status = 200, body = Page<GroupView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::groups(&views.moment())?)).await
}
