//! Mail: how it is sent, and a mail to try that.

use domain::wire::{MailTest, MailView, TryAnswer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{JsonBody, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(test))
}

/// How mail is sent.
#[utoipa::path(get, path = "/mail", tag = "webhooks", responses((status = 200, body = MailView)))]
async fn show(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    Answer::done(&api.mail().await?)
}

/// Send a mail now, and answer what the mail server said.
#[utoipa::path(post, path = "/mail/test", tag = "webhooks", request_body = MailTest,
    responses((status = 200, body = TryAnswer)))]
async fn test(api: ApiFor, JsonBody { body, .. }: JsonBody<MailTest>) -> Result<Answer, Refusal> {
    Answer::done(&api.try_mail(body.to).await?)
}
