//! Makes tokens, and revokes all of them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::wire::{ErrorCode, IssueToken, TokenView};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::private;
use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::problem;
use crate::http::requests::{At, Once, Sent, WithoutQuery};
use crate::http::serving::Serving;
use crate::store::Writing;

/// Make a token for callers of a deployment whose `auth` is `token`. It is shown once, and expires by itself.
#[utoipa::path(post, path = "/deployments/{d}/tokens", tag = "credentials", request_body = IssueToken,
    responses((status = 201, body = TokenView)))]
pub(super) async fn issue(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Sent { body, once }: Sent<IssueToken>,
) -> Result<Response, Refusal> {
    let again = d.clone();
    let answer = serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            let issued = commands::issue_token(writing, &row, &body)?;
            let kept = Kept { expires_at: issued.expires_at, digest: digest(&issued.token) };
            Answer::new(StatusCode::CREATED, &issued)?.keeping(&kept)
        })
        .await?;
    if answer.replayed && answer.status.is_success() {
        let issued =
            serving.write(Once::never_kept(), move |_, writing| issued_again(writing, &again, &answer)).await?;
        return Ok(private(issued.replay()));
    }
    Ok(private(answer))
}

/// What is kept of an answer with a token: enough to make the same one again, and nothing that opens a door.
#[derive(Serialize, Deserialize)]
struct Kept {
    expires_at: Timestamp,
    digest: String,
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// The token of an answer that was given before.
fn issued_again(writing: &mut Writing<'_>, d: &str, answer: &Answer) -> Result<Answer, Refusal> {
    let kept: Kept =
        serde_json::from_str(&answer.body).map_err(|error| problem::fault("an answer was kept", &error))?;
    let row = commands::find(&writing.reading(), d)?;
    let issued = commands::token_until(writing, &row, kept.expires_at)?;
    if digest(&issued.token) != kept.digest {
        let text = "The token that was the answer to this Idempotency-Key has been revoked. Send a new key to get a new token.";
        return Err(Refusal::new(ErrorCode::PreconditionFailed, text));
    }
    Answer::new(StatusCode::CREATED, &issued)
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
