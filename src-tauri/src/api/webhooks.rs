//! Webhooks: made and given new secrets here, which are shown once; and what is sent to try something.

use domain::access::ServerAction;
use domain::id::WebhookId;
use domain::webhook::WebhookTerms;
use domain::wire::{ErrorCode, MailView, TryAnswer, WebhookSecret};

use super::sign_in::{MadeSecret, keeping_id};
use super::{Answer, Api, ApiFor, Effect, IdempotencyKey, Resource};
use crate::commands::{self, Act, Refusal};
use crate::store::tables::deliveries::Lane;

impl ApiFor {
    /// Makes a webhook. A repeat answers without its secret.
    pub(crate) async fn create_webhook(
        &self,
        key: Option<IdempotencyKey>,
        terms: WebhookTerms,
    ) -> Result<Answer, Refusal> {
        self.check_target(&terms).await?;
        let secret = MadeSecret::of_webhook()?;
        let write = move |api: &Api, act: &mut Act<'_, '_>| {
            let id = commands::create_webhook(act, terms, secret.clone())?;
            let webhook = commands::webhook(&act.moment(), &id, api.clock.now())?;
            let shown = WebhookSecret { webhook, secret: Some(secret) };
            keeping_id(Answer::created(Resource::Webhook(id.clone()), &shown)?, &id)
        };
        let answer = self.write(key, write).await?;
        self.again_without_secret(answer, Effect::Created).await
    }

    /// Changes a webhook.
    pub(crate) async fn change_webhook(
        &self,
        key: Option<IdempotencyKey>,
        id: WebhookId,
        terms: WebhookTerms,
    ) -> Result<Answer, Refusal> {
        self.check_target(&terms).await?;
        let changed = self.write(key, move |api, act| {
            commands::change_webhook(act, &id, terms)?;
            Answer::done(&commands::webhook(&act.moment(), &id, api.clock.now())?)
        });
        let changed = changed.await?;
        self.api.courier.wake();
        Ok(changed)
    }

    /// Gives a webhook another secret. A repeat answers without it.
    pub(crate) async fn rotate_secret(&self, key: Option<IdempotencyKey>, id: WebhookId) -> Result<Answer, Refusal> {
        let secret = MadeSecret::of_webhook()?;
        let write = move |api: &Api, act: &mut Act<'_, '_>| {
            commands::rotate_secret(act, &id, secret.clone())?;
            let webhook = commands::webhook(&act.moment(), &id, api.clock.now())?;
            keeping_id(Answer::done(&WebhookSecret { webhook, secret: Some(secret) })?, &id)
        };
        let answer = self.write(key, write).await?;
        self.api.courier.wake();
        self.again_without_secret(answer, Effect::Done).await
    }

    async fn again_without_secret(&self, answer: Answer, effect: Effect) -> Result<Answer, Refusal> {
        self.told_again(answer, move |views, id| {
            let id = id.parse().map_err(|error| Refusal::fault("a kept id is none", &error))?;
            let webhook = commands::webhook(&views.moment(), &id, views.now())?;
            Answer::new(effect, &WebhookSecret { webhook, secret: None })
        })
        .await
    }

    /// Refuses a webhook that leads nowhere else than here; nobody else than who may make one finds out what is here.
    async fn check_target(&self, terms: &WebhookTerms) -> Result<(), Refusal> {
        self.allow_messages().await?;
        terms.check()?;
        let checked = self.api.courier.check_target(&terms.url).await;
        checked.map_err(|why| Refusal::new(ErrorCode::WebhookTargetRefused, why).with("field", "url"))
    }

    async fn allow_messages(&self) -> Result<(), Refusal> {
        self.read(|views| views.moment().allow(ServerAction::ManageWebhooks, views.now()).map(drop)).await
    }

    /// Sends a message to a webhook, and says what came of it.
    pub(crate) async fn try_webhook(&self, id: WebhookId) -> Result<TryAnswer, Refusal> {
        self.allow_messages().await?;
        self.api.courier.try_webhook(&id).await
    }

    /// Sends a mail, and says what came of it.
    pub(crate) async fn try_mail(&self, to: String) -> Result<TryAnswer, Refusal> {
        self.allow_messages().await?;
        let to = domain::sign_in::email(&to).map_err(|why| Refusal::invalid("to", format!("to: {why}.")))?;
        let tried = self.api.courier.try_mail(&to).await;
        tried.ok_or_else(|| {
            let detail = "No mail is sent: changeover.toml has no table [mail]. Write it, and start the server again.";
            Refusal::new(ErrorCode::MailNotSetUp, detail)
        })
    }

    /// How mail is sent.
    pub(crate) async fn mail(&self) -> Result<MailView, Refusal> {
        self.allow_messages().await?;
        let waiting = self.read(|views| Ok(views.moment().reading.waiting_deliveries(&Lane::Mail)?)).await?;
        let (server, from) = self.api.courier.mail_server().unzip();
        Ok(MailView { server, from, waiting, trouble: self.api.courier.trouble(&Lane::Mail) })
    }
}
