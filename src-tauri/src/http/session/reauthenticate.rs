//! Shows again who somebody is: what is dangerous wants a young sign-in.

use axum::extract::State;
use domain::wire::{Reauthenticate, Session};

use crate::api::{Answer, ApiFor, Visitor};
use crate::commands::{self, Refusal};
use crate::http::Door;
use crate::http::requests::JsonBody;

/// Show again who you are, by your password, or as the local person by the server's token: for 15 minutes nothing that is
/// dangerous asks for it.
#[utoipa::path(post, path = "/session/reauthenticate", tag = "session", request_body = Reauthenticate,
    responses((status = 200, body = Session)))]
pub(super) async fn reauthenticate(
    api: ApiFor,
    State(door): State<Door>,
    visitor: Visitor,
    JsonBody { body, .. }: JsonBody<Reauthenticate>,
) -> Result<Answer, Refusal> {
    api.read(|views| commands::allow_own_account(&views.moment()).map(drop)).await?;
    match (body.password, body.token) {
        (Some(password), None) => api.reauthenticate_by_password(password, visitor.source).await?,
        (None, Some(token)) => match door.access.holder(token.reveal()) {
            Some(holder) if holder.actor == api.caller.actor => api.reauthenticate_by_token().await?,
            _ => return Err(door.api.wrong_token(visitor).await),
        },
        _ => return Err(Refusal::invalid("password", "password: Send password or token, and not both.")),
    }
    // The caller is who they were; what has changed is how long ago they showed it.
    api.read(|views| {
        let session = views.session()?;
        let signed_in_at = session.signed_in_at.map(|_| views.now());
        Answer::done(&Session { signed_in_at, ..session })
    })
    .await
}
