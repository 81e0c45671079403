//! Webhooks with their secrets, which are nowhere else.

use domain::id::WebhookId;
use domain::secret::Secret;
use domain::webhook::Webhook;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{self, Beside, By, WEBHOOKS};
use crate::store::{Reading, StoreError, Writing};

/// A webhook as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret that signs.
    pub secret: Secret,
    /// The one before, and how long it signs too.
    #[serde(default)]
    pub before: Option<(Secret, Timestamp)>,
}

impl Reading<'_> {
    /// A webhook.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn webhook(&self, id: &WebhookId) -> Result<Option<WebhookRow>, StoreError> {
        beside::one(self.0, WEBHOOKS, By::Id, id.as_str())
    }

    /// Every webhook that can be read, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn webhooks(&self) -> Result<Vec<WebhookRow>, StoreError> {
        beside::readable(self.0, WEBHOOKS)
    }
}

impl Writing<'_> {
    /// Writes a webhook, in the place of the one before.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_webhook(&mut self, row: &WebhookRow) -> Result<(), StoreError> {
        let id = row.webhook.id.as_str();
        beside::put(&self.tx, WEBHOOKS, &Beside { id, key: None, owner: "", record: row })
    }

    /// Removes a webhook.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_webhook(&mut self, id: &WebhookId) -> Result<(), StoreError> {
        beside::remove(&self.tx, WEBHOOKS, By::Id, id.as_str()).map(drop)
    }
}
