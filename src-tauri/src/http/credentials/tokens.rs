//! Makes tokens, and revokes all of them.

use axum::http::StatusCode;
use axum::response::Response;
use domain::wire::{IssueToken, TokenView};

use super::private::private;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

/// Make a token for callers of a deployment whose `auth` is `token`. It is shown once, and expires by itself.
#[utoipa::path(post, path = "/deployments/{d}/tokens", tag = "credentials", request_body = IssueToken,
    responses((status = 201, body = TokenView)))]
pub(super) async fn issue(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<IssueToken>,
) -> Result<Response, Refusal> {
    Ok(private(api.issue_token(key, d, body).await?))
}

/// Revoke every token of a deployment that was made until now.
#[utoipa::path(delete, path = "/deployments/{d}/tokens", tag = "credentials", responses((status = 204)))]
pub(super) async fn revoke(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    api.revoke_tokens(d).await?;
    Ok(StatusCode::NO_CONTENT)
}
