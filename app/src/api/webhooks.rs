//! Webhooks, messages on their way, and mail.

use domain::id::{DeliveryId, WebhookId};
use domain::notice::DeliveryState;
use domain::webhook::WebhookTerms;
use domain::wire::{DeliveryView, MailTest, MailView, Page, TryAnswer, WebhookSecret, WebhookView};
use serde_json::json;

use super::Failure;

/// Every webhook.
pub(crate) async fn list() -> Result<Vec<WebhookView>, Failure> {
    super::all("/webhooks").await
}

/// Makes a webhook.
pub(crate) async fn create(terms: &WebhookTerms) -> Result<WebhookSecret, Failure> {
    super::post("/webhooks", terms).await
}

/// Gives a webhook other terms.
pub(crate) async fn change(id: &WebhookId, terms: &WebhookTerms) -> Result<(), Failure> {
    super::put(&format!("/webhooks/{id}"), terms).await
}

/// Gives a webhook another secret.
pub(crate) async fn rotate(id: &WebhookId) -> Result<WebhookSecret, Failure> {
    super::post(&format!("/webhooks/{id}/rotate"), &json!({})).await
}

/// Sends a message to a webhook now.
pub(crate) async fn test(id: &WebhookId) -> Result<TryAnswer, Failure> {
    super::ask(&format!("/webhooks/{id}/test"), &json!({})).await
}

/// Deletes a webhook.
pub(crate) async fn delete(id: &WebhookId) -> Result<(), Failure> {
    super::delete(&format!("/webhooks/{id}")).await
}

/// Messages before `before`, newest first: in one state, or in any.
pub(crate) async fn deliveries(
    state: Option<DeliveryState>,
    before: Option<&str>,
) -> Result<Page<DeliveryView>, Failure> {
    let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    super::get(&format!("/deliveries?limit=50{state}{before}")).await
}

/// Sends a message again.
pub(crate) async fn again(id: &DeliveryId) -> Result<(), Failure> {
    super::tell(&format!("/deliveries/{id}/again"), &json!({})).await
}

/// How mail is sent.
pub(crate) async fn mail() -> Result<MailView, Failure> {
    super::get("/mail").await
}

/// Sends a mail now.
pub(crate) async fn test_mail(to: &str) -> Result<TryAnswer, Failure> {
    super::ask("/mail/test", &MailTest { to: to.to_owned() }).await
}
