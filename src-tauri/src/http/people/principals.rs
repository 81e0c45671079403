//! Lists everybody who can be named.

use domain::wire::{Page, PrincipalView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List everybody who can be named, in a grant for example: people, services, groups and everyone.
#[utoipa::path(get, path = "/principals", tag = "people", responses((status = 200, body = Page<PrincipalView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::principals(&views.moment())?)).await
}
