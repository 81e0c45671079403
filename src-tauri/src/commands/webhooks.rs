//! Webhooks, and the messages that are on their way: for administrators.

use domain::access::ServerAction;
use domain::id::{DeliveryId, WebhookId};
use domain::notice::DeliveryState;
use domain::principal::PrincipalId;
use domain::secret::Secret;
use domain::webhook::{MOST_WEBHOOKS, OLD_SECRET_SIGNS, Webhook, WebhookTerms};
use domain::wire::{DeliveryView, ErrorCode, WebhookView};
use jiff::Timestamp;

use super::directory::name_of_principal;
use super::{Act, Moment, Refusal, new_id};
use crate::store::Reading;
use crate::store::tables::deliveries::{Lane, OutboxMessage};
use crate::store::tables::webhooks::WebhookRow;

/// Makes a webhook that signs with `secret`.
///
/// # Errors
/// `role_forbids`, `invalid_field`; those of the store.
pub fn create_webhook(act: &mut Act<'_, '_>, terms: WebhookTerms, secret: Secret) -> Result<WebhookId, Refusal> {
    act.allow_on_server(ServerAction::ManageWebhooks)?;
    terms.check()?;
    if act.reading().webhooks()?.len() >= MOST_WEBHOOKS {
        return Err(Refusal::invalid("name", format!("A server has at most {MOST_WEBHOOKS} webhooks.")));
    }
    let id: WebhookId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
    let webhook = Webhook { id: id.clone(), terms, secret_since: act.writing.now(), switched_off: None };
    act.writing.put_webhook(&WebhookRow { webhook, secret, before: None })?;
    Ok(id)
}

/// Changes a webhook.
///
/// # Errors
/// `not_found`, and as [`create_webhook`].
pub fn change_webhook(act: &mut Act<'_, '_>, id: &WebhookId, terms: WebhookTerms) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageWebhooks)?;
    terms.check()?;
    let mut row = find(&act.reading(), id)?;
    row.webhook.switched_off = row.webhook.switched_off.filter(|_| !terms.active);
    row.webhook.terms = terms;
    Ok(act.writing.put_webhook(&row)?)
}

/// Gives a webhook another secret; the one before signs too for a day.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn rotate_secret(act: &mut Act<'_, '_>, id: &WebhookId, secret: Secret) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageWebhooks)?;
    let row = find(&act.reading(), id)?;
    let now = act.writing.now();
    let until = now.checked_add(OLD_SECRET_SIGNS).unwrap_or(Timestamp::MAX);
    let webhook = Webhook { secret_since: now, ..row.webhook };
    Ok(act.writing.put_webhook(&WebhookRow { webhook, secret, before: Some((row.secret, until)) })?)
}

/// Deletes a webhook, with the messages that wait for it.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn delete_webhook(act: &mut Act<'_, '_>, id: &WebhookId) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageWebhooks)?;
    find(&act.reading(), id)?;
    act.writing.remove_deliveries_on(&Lane::Webhook(id.clone()), false)?;
    Ok(act.writing.remove_webhook(id)?)
}

/// Every webhook, oldest first.
///
/// # Errors
/// `role_forbids`; those of the store.
pub fn webhooks(moment: &Moment<'_>, now: Timestamp) -> Result<Vec<WebhookView>, Refusal> {
    moment.allow(ServerAction::ManageWebhooks, now)?;
    moment.reading.webhooks()?.into_iter().map(|row| view(&moment.reading, row)).collect()
}

/// One webhook.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn webhook(moment: &Moment<'_>, id: &WebhookId, now: Timestamp) -> Result<WebhookView, Refusal> {
    moment.allow(ServerAction::ManageWebhooks, now)?;
    view(&moment.reading, find(&moment.reading, id)?)
}

/// The messages that are asked for.
#[derive(Clone, Debug)]
pub struct AskedDeliveries {
    /// Those to this webhook alone.
    pub webhook: Option<WebhookId>,
    /// Mail alone.
    pub mail: bool,
    /// Those in this state alone.
    pub state: Option<DeliveryState>,
    /// Those before this one.
    pub before: Option<DeliveryId>,
    /// Most of them.
    pub limit: u32,
}

/// Messages, newest first.
///
/// # Errors
/// `role_forbids`; those of the store.
pub fn deliveries(moment: &Moment<'_>, asked: AskedDeliveries, now: Timestamp) -> Result<Vec<DeliveryView>, Refusal> {
    moment.allow(ServerAction::ManageWebhooks, now)?;
    let AskedDeliveries { webhook, mail, state, before, limit } = asked;
    let lane = webhook.map(Lane::Webhook).or(mail.then_some(Lane::Mail));
    let found = moment.reading.deliveries(lane.as_ref(), state, before.as_ref(), limit)?;
    found.into_iter().map(|delivery| shown(&moment.reading, delivery)).collect()
}

/// One message.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn delivery(moment: &Moment<'_>, id: &DeliveryId, now: Timestamp) -> Result<DeliveryView, Refusal> {
    moment.allow(ServerAction::ManageWebhooks, now)?;
    shown(&moment.reading, find_delivery(&moment.reading, id)?)
}

/// Sends a message again, with the same id, whatever became of it.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn send_again(act: &mut Act<'_, '_>, id: &DeliveryId) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageWebhooks)?;
    let delivery = find_delivery(&act.reading(), id)?;
    let now = act.writing.now();
    let (state, next_at) = (DeliveryState::Waiting, Some(now));
    Ok(act.writing.put_delivery(&OutboxMessage { state, attempts: 0, since: now, next_at, ..delivery })?)
}

/// The refusal where there is no such webhook.
pub fn no_such_webhook(id: &WebhookId) -> Refusal {
    Refusal::new(ErrorCode::NotFound, format!("There is no webhook {id}."))
}

fn find(reading: &Reading<'_>, id: &WebhookId) -> Result<WebhookRow, Refusal> {
    reading.webhook(id)?.ok_or_else(|| no_such_webhook(id))
}

fn find_delivery(reading: &Reading<'_>, id: &DeliveryId) -> Result<OutboxMessage, Refusal> {
    let found = reading.delivery(id)?;
    found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("There is no message {id}.")))
}

fn view(reading: &Reading<'_>, row: WebhookRow) -> Result<WebhookView, Refusal> {
    let Webhook { id, terms, secret_since, switched_off } = row.webhook;
    let lane = Lane::Webhook(id.clone());
    let last = reading.deliveries(Some(&lane), None, None, 1)?.pop();
    let last = last.map(|delivery| shown(reading, delivery)).transpose()?;
    Ok(WebhookView { id, terms, secret_since, switched_off, waiting: reading.waiting_deliveries(&lane)?, last })
}

fn shown(reading: &Reading<'_>, delivery: OutboxMessage) -> Result<DeliveryView, Refusal> {
    let name_of = |id: &PrincipalId| name_of_principal(reading, id);
    let said = delivery.said.with_names(name_of);
    let (channel, webhook) = (
        delivery.lane.channel(),
        match delivery.lane {
            Lane::Mail => None,
            Lane::Webhook(id) => Some(id),
        },
    );
    let to = match (&webhook, &delivery.person) {
        (Some(id), _) => reading.webhook(id)?.map(|row| row.webhook.terms.name).unwrap_or_default(),
        (None, person) => person.as_ref().map(name_of).unwrap_or_default(),
    };
    Ok(DeliveryView {
        id: delivery.id,
        channel,
        person: delivery.person,
        webhook,
        to,
        topic: delivery.topic,
        subject: said.subject,
        state: delivery.state,
        attempts: delivery.attempts,
        made_at: delivery.made_at,
        next_at: delivery.next_at,
        tried_at: delivery.tried_at,
        answer: delivery.answer,
    })
}
