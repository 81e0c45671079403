//! Makes tokens, and revokes all of them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::wire::{IssueToken, TokenView};

use super::private;
use crate::api::answer::Answer;
use crate::api::requests::{At, Once, Sent, WithoutQuery};
use crate::api::serving::Serving;
use crate::commands::{self, Refusal};

/// Make a token for callers of a deployment whose `auth` is `token`. It is shown once, and expires by itself.
#[utoipa::path(post, path = "/deployments/{d}/tokens", tag = "credentials", request_body = IssueToken,
    responses((status = 201, body = TokenView)))]
pub(super) async fn issue(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Sent { body, once }: Sent<IssueToken>,
) -> Result<Response, Refusal> {
    let answer = serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            Answer::new(StatusCode::CREATED, &commands::issue_token(writing, &row, &body)?)
        })
        .await?;
    Ok(private(answer))
}

/// Revoke every token of a deployment that was made until now.
#[utoipa::path(delete, path = "/deployments/{d}/tokens", tag = "credentials", responses((status = 204)))]
pub(super) async fn revoke(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    _: WithoutQuery,
) -> Result<StatusCode, Refusal> {
    serving
        .write(Once::never_kept(), move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::revoke_tokens(writing, &row)?;
            Answer::new(StatusCode::NO_CONTENT, &())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
