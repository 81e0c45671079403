//! Webhooks: where chats and pagers are told what happens.

use domain::id::WebhookId;
use domain::webhook::WebhookTerms;
use domain::wire::{Page, TryAnswer, WebhookSecret, WebhookView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutBody, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(rotate))
        .routes(routes!(test))
}

/// List webhooks, oldest first.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", responses((status = 200, body = Page<WebhookView>)))]
async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::all(commands::webhooks(&views.moment(), views.now())?)).await
}

/// Make a webhook. Its secret is shown once.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", request_body = WebhookTerms,
    responses((status = 201, body = WebhookSecret)))]
async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<WebhookTerms>) -> Result<Answer, Refusal> {
    api.create_webhook(key, body).await
}

/// One webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", responses((status = 200, body = WebhookView)))]
async fn show(api: ApiFor, PathParams(id): PathParams<WebhookId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Answer::done(&commands::webhook(&views.moment(), &id, views.now())?)).await
}

/// Change a webhook.
#[utoipa::path(put, path = "/webhooks/{id}", tag = "webhooks", request_body = WebhookTerms,
    responses((status = 200, body = WebhookView)))]
async fn change(
    api: ApiFor,
    PathParams(id): PathParams<WebhookId>,
    JsonBody { body, key }: JsonBody<WebhookTerms>,
) -> Result<Answer, Refusal> {
    api.change_webhook(key, id, body).await
}

/// Delete a webhook, with the messages that wait for it.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", responses((status = 200, body = WebhookView)))]
async fn delete(api: ApiFor, PathParams(id): PathParams<WebhookId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let answer = Answer::done(&commands::webhook(&act.moment(), &id, api.views(act).now())?)?;
        commands::delete_webhook(act, &id)?;
        Ok(answer)
    })
    .await
}

/// Give a webhook another secret, which is shown once. The one before signs too for a day.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "webhooks", responses((status = 200, body = WebhookSecret)))]
async fn rotate(
    api: ApiFor,
    PathParams(id): PathParams<WebhookId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.rotate_secret(key, id).await
}

/// Send a message to a webhook now, and answer what came of it.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "webhooks", responses((status = 200, body = TryAnswer)))]
async fn test(api: ApiFor, PathParams(id): PathParams<WebhookId>, _: JsonBody<WithoutBody>) -> Result<Answer, Refusal> {
    Answer::done(&api.try_webhook(id).await?)
}
