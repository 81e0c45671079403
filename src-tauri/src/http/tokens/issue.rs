//! Makes an API token.

use domain::wire::{ApiTokenForm, ApiTokenView};

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::JsonBody;

/// Make an API token for yourself, or as an administrator for a service. It is shown once.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = ApiTokenForm,
    responses((status = 201, body = ApiTokenView)))]
pub(super) async fn issue(api: ApiFor, JsonBody { body, key }: JsonBody<ApiTokenForm>) -> Result<Answer, Refusal> {
    api.issue_api_token(key, body).await
}
