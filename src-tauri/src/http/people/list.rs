//! Lists people.

use domain::wire::{Page, PersonView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List people. Addresses, passwords and last requests are shown to administrators, and each to themselves.
#[utoipa::path(get, path = "/people", tag = "people", responses((status = 200, body = Page<PersonView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::people(&views.moment())?)).await
}
