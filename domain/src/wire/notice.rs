//! Notices, webhooks, and messages on their way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, DeploymentId, WebhookId};
use crate::notice::{Channel, DeliveryState, Said, Topic};
use crate::principal::PrincipalId;
use crate::secret::Secret;
use crate::webhook::WebhookTerms;

/// A notice, as the person is shown it who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeView {
    /// Numbers the notices of the server; later ones have higher numbers.
    pub id: u64,
    /// What it is about.
    pub topic: Topic,
    /// The time of what happened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// They have read it.
    pub read: bool,
    /// The words.
    #[serde(flatten)]
    pub said: Said,
}

/// Notices, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticesView {
    /// The notices.
    pub items: Vec<NoticeView>,
    /// All that were not read yet.
    pub unread: u64,
    /// The `before` of the next page; none on the last one.
    pub next_before: Option<u64>,
}

/// The notices that were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadNotices {
    /// These, at most 1,000.
    pub ids: Vec<u64>,
    /// All up to this one.
    pub up_to: Option<u64>,
}

/// A webhook, as administrators see it. Its secret is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookView {
    /// Names it.
    pub id: WebhookId,
    /// The decisions of people about it.
    #[serde(flatten)]
    pub terms: WebhookTerms,
    /// The time at which its newest secret was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub secret_since: Timestamp,
    /// The reason for which it was switched off by itself, a sentence.
    pub switched_off: Option<String>,
    /// Messages that wait to be delivered.
    pub waiting: u64,
    /// The last message, if there was one in the last days.
    pub last: Option<DeliveryView>,
}

/// A webhook that was made, or has a new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSecret {
    /// The webhook.
    pub webhook: WebhookView,
    /// The secret by which the receiver checks signatures, `whsec_` and base64. It is not shown again, not even to a repeat.
    pub secret: Option<Secret>,
}

/// A message on its way, or at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryView {
    /// Names it: the receiver of a webhook is told it as `webhook-id`, and it is the first part of a mail's `Message-ID`.
    pub id: DeliveryId,
    /// The way that it goes.
    pub channel: Channel,
    /// The person, of an e-mail.
    pub person: Option<PrincipalId>,
    /// The webhook, of any other.
    pub webhook: Option<WebhookId>,
    /// The name of the person or the webhook.
    pub to: String,
    /// What it is about.
    pub topic: Topic,
    /// Its subject.
    pub subject: String,
    /// Its state.
    pub state: DeliveryState,
    /// The number of attempts.
    pub attempts: u32,
    /// The time at which it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// The time of the next attempt, while it waits.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub next_at: Option<Timestamp>,
    /// The time of the last attempt.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub tried_at: Option<Timestamp>,
    /// The answer of the other end at the last attempt, or why there was none.
    pub answer: Option<String>,
}

/// A mail to try the settings with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTest {
    /// The address that it is sent to.
    pub to: String,
}

/// What became of a message that was sent to try something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TryAnswer {
    /// It was accepted.
    pub accepted: bool,
    /// The answer of the other end, or why there was none.
    pub answer: String,
}

/// How mail is sent, as administrators see it; all of it is set in `changeover.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailView {
    /// The mail server, as host and port; none where no mail is sent.
    pub server: Option<String>,
    /// The address that mail comes from.
    pub from: Option<String>,
    /// Mails that wait to be delivered.
    pub waiting: u64,
    /// The reason why the mail server cannot be reached, while it cannot.
    pub trouble: Option<String>,
}
