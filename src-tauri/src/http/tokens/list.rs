//! Lists API tokens.

use domain::wire::{ApiTokenView, Page};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::WithoutQuery;

/// List your API tokens, oldest first; everybody's, as an administrator.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Page<ApiTokenView>)))]
pub(super) async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::api_tokens(&views.moment(), views.now())?)).await
}
