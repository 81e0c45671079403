//! Messages on their way to the mail server and to webhooks.

use domain::id::{DeliveryId, WebhookId};
use domain::notice::{Channel, DeliveryState};
use domain::wire::{DeliveryView, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, QueryParams, WithoutBody};

/// Most messages of a page.
const MOST: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(again))
}

/// The messages that are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those to this webhook alone.
    webhook: Option<WebhookId>,
    /// Mail alone: `email`.
    channel: Option<Channel>,
    /// Those in this state alone.
    state: Option<DeliveryState>,
    /// Those before this one.
    before: Option<DeliveryId>,
    /// Most messages of the answer, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: u32,
}

impl Default for Asked {
    fn default() -> Self {
        Self { webhook: None, channel: None, state: None, before: None, limit: 50 }
    }
}

/// List messages to the mail server and to webhooks, newest first.
#[utoipa::path(get, path = "/deliveries", tag = "webhooks", params(Asked),
    responses((status = 200, body = Page<DeliveryView>)))]
async fn list(api: ApiFor, QueryParams(asked): QueryParams<Asked>) -> Result<Answer, Refusal> {
    if !(1..=MOST).contains(&asked.limit) {
        return Err(Refusal::invalid("limit", format!("limit: 1 to {MOST}.")));
    }
    let mail = match (&asked.webhook, asked.channel) {
        (None, Some(Channel::Email)) => true,
        (Some(_), None | Some(Channel::Webhook)) | (None, None) => false,
        _ => return Err(Refusal::invalid("channel", "channel: \"email\" for mail, or name a webhook in \"webhook\".")),
    };
    let Asked { webhook, state, before, limit, .. } = asked;
    api.read(move |views| {
        let asked = commands::AskedDeliveries { webhook, mail, state, before, limit };
        let found = commands::deliveries(&views.moment(), asked, views.now())?;
        let full = found.len() == limit as usize;
        let next_cursor = found.last().filter(|_| full).map(|delivery| delivery.id.to_string());
        Answer::done(&Page { items: found, next_cursor })
    })
    .await
}

/// Send a message again, with the same id.
#[utoipa::path(post, path = "/deliveries/{id}/again", tag = "webhooks",
    responses((status = 200, body = DeliveryView)))]
async fn again(
    api: ApiFor,
    PathParams(id): PathParams<DeliveryId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    let answer = api.write(key, move |api, act| {
        commands::send_again(act, &id)?;
        Answer::done(&commands::delivery(&act.moment(), &id, api.views(act).now())?)
    });
    let answer = answer.await?;
    api.api.courier.wake();
    Ok(answer)
}
