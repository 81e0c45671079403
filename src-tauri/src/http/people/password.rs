//! Changes one's own password.

use axum::http::StatusCode;
use domain::wire::NewPassword;

use crate::api::{ApiFor, Visitor};
use crate::commands::Refusal;
use crate::http::requests::JsonBody;

/// Give yourself a password, or another one. Your other sessions end.
#[utoipa::path(post, path = "/me/password", tag = "people", request_body = NewPassword, responses((status = 204)))]
pub(super) async fn change(
    api: ApiFor,
    visitor: Visitor,
    JsonBody { body, .. }: JsonBody<NewPassword>,
) -> Result<StatusCode, Refusal> {
    api.change_password(body, visitor.source).await?;
    Ok(StatusCode::NO_CONTENT)
}
