//! A lane: one message after the other to the mail server, or to a webhook.

use std::sync::Arc;

use domain::id::Actor;
use domain::notice::{Attempted, DeliveryState, GIVEN_UP_AFTER, Said, after_attempt};
use domain::principal::PrincipalId;

use super::attempt::AttemptOutcome;
use super::means::Means;
use crate::commands::{LaneTrouble, Refusal, name_of_principal, tell_trouble};
use crate::store::tables::deliveries::{DueMessage, Lane, OutboxMessage};
use crate::store::tables::webhooks::WebhookRow;
use crate::store::{Reading, Writing};

/// The work of one lane.
pub(super) struct Work {
    pub(super) means: Arc<Means>,
    pub(super) lane: Lane,
}

/// A message with where it goes, as both are at this moment.
struct Ready {
    delivery: OutboxMessage,
    said: Said,
    to: To,
}

enum To {
    Address(String),
    Webhook(Box<WebhookRow>),
    /// Nowhere any more, and why.
    Nobody(&'static str),
    /// Nowhere: it has waited for too long.
    TooLate,
}

/// What is next on a lane.
enum Next {
    Ready(Box<Ready>),
    Unreadable(String),
    Nothing,
}

impl Work {
    /// Brings what is due; answers whose work it was.
    pub(super) async fn run(self) -> Lane {
        if let Err(refusal) = self.work().await {
            self.means.rest(&self.lane, "The database cannot be used.".to_owned());
            tracing::warn!(%refusal, lane = ?self.lane, "messages cannot be brought, which is tried again");
        }
        self.lane
    }

    async fn work(&self) -> Result<(), Refusal> {
        if self.lane == Lane::Mail && self.means.mail.is_none() {
            // Nobody waits for mail where none is sent.
            return self.write(|writing, lane| Ok(writing.remove_deliveries_on(lane, true)?)).await;
        }
        let mut reached = self.lane != Lane::Mail;
        loop {
            let ready = match self.next().await? {
                Next::Nothing => return Ok(()),
                Next::Unreadable(id) => {
                    self.write(move |writing, _| Ok(writing.set_aside_delivery(&id)?)).await?;
                    continue;
                }
                Next::Ready(ready) => *ready,
            };
            if let (To::Address(_), Some(mailer), false) = (&ready.to, &self.means.mail, reached) {
                if let Err(away) = mailer.reach().await {
                    self.means.rest(&self.lane, away.of_message().1.to_owned());
                    return Ok(());
                }
                reached = true;
            }
            let delivery = ready.delivery.clone();
            let outcome = self.bring(ready).await;
            let (is_away, is_gone) =
                (matches!(outcome, AttemptOutcome::Away(_)), matches!(outcome, AttemptOutcome::Gone(_)));
            let answer = outcome.of_message().1.to_owned();
            self.note(delivery, &outcome).await?;
            if is_away {
                self.means.rest(&self.lane, answer);
                return Ok(());
            }
            self.means.resting().remove(&self.lane);
            if is_gone {
                self.switch_off(answer).await?;
            }
        }
    }

    /// Brings a message. What breaks off because of one message ends that one alone.
    async fn bring(&self, ready: Ready) -> AttemptOutcome {
        let means = self.means.clone();
        let brought = tokio::spawn(async move {
            let Ready { delivery, said, to } = ready;
            match (to, &means.mail) {
                (To::Nobody(why), _) => AttemptOutcome::Never(why.to_owned()),
                (To::TooLate, _) => AttemptOutcome::NotNow("It was not taken for three days.".to_owned()),
                (To::Address(address), Some(mailer)) => {
                    mailer.send(delivery.id.as_str(), &address, &said, &means.base, delivery.made_at).await
                }
                (To::Address(_), None) => AttemptOutcome::Never("No mail is sent.".to_owned()),
                (To::Webhook(row), _) => {
                    means.webhooks.send(&row, &delivery, &said, &means.base, means.clock.now()).await
                }
            }
        });
        brought.await.unwrap_or_else(|error| {
            tracing::error!(%error, "bringing a message broke off");
            AttemptOutcome::Never(
                "Sending it broke off, which is a defect of Changeover; its log says more.".to_owned(),
            )
        })
    }

    /// The message that is due and waits longest, with the words as they are now and where it goes now.
    async fn next(&self) -> Result<Next, Refusal> {
        let (means, lane) = (self.means.clone(), self.lane.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let now = means.clock.now();
            means.store.read(|reading| {
                let delivery = match reading.due(&lane, now)? {
                    None => return Ok(Next::Nothing),
                    Some(DueMessage::Unreadable(id, error)) => {
                        tracing::error!(%error, id, "a message cannot be read and is not brought");
                        return Ok(Next::Unreadable(id));
                    }
                    Some(DueMessage::Message(delivery)) => *delivery,
                };
                let to = match now.duration_since(delivery.since) >= GIVEN_UP_AFTER {
                    true => To::TooLate,
                    false => to(reading, &delivery)?,
                };
                let said = delivery.said.with_names(|id| name_of_principal(reading, id));
                Ok::<_, Refusal>(Next::Ready(Box::new(Ready { delivery, said, to })))
            })
        });
        reading.await.map_err(|error| Refusal::fault("reading messages broke off", &error))?
    }

    /// Writes what came of an attempt, and tells administrators of what ended without being delivered.
    async fn note(&self, delivery: OutboxMessage, outcome: &AttemptOutcome) -> Result<(), Refusal> {
        let (attempted, answer) = outcome.of_message();
        let (answer, is_gone) = (answer.to_owned(), matches!(outcome, AttemptOutcome::Gone(_)));
        self.write(move |writing, lane| {
            // Somebody may have removed it meanwhile, or sent it again.
            let kept = writing.reading().delivery(&delivery.id)?;
            if kept.is_none_or(|kept| kept.since != delivery.since) {
                return Ok(());
            }
            let state = enter(writing, delivery, attempted, answer.clone())?;
            match state {
                DeliveryState::GivenUp | DeliveryState::Refused if !is_gone => {
                    let name = webhook_name(&writing.reading(), lane)?;
                    tell_trouble(writing, lane, LaneTrouble::Undelivered, &name, &answer)
                }
                _ => Ok(()),
            }
        })
        .await
    }

    /// Switches a webhook off whose receiver said that it is gone.
    async fn switch_off(&self, answer: String) -> Result<(), Refusal> {
        self.write(move |writing, lane| {
            let Lane::Webhook(id) = lane else { return Ok(()) };
            let Some(mut row) = writing.reading().webhook(id)? else { return Ok(()) };
            row.webhook.terms.active = false;
            row.webhook.switched_off = Some(answer.clone());
            writing.put_webhook(&row)?;
            tell_trouble(writing, lane, LaneTrouble::SwitchedOff, &row.webhook.terms.name, &answer)
        })
        .await
    }

    async fn write(
        &self,
        work: impl FnOnce(&mut Writing<'_>, &Lane) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<(), Refusal> {
        let (means, lane) = (self.means.clone(), self.lane.clone());
        let writing = tokio::task::spawn_blocking(move || {
            means.store.write(&Actor::server(), means.clock.now(), |writing| work(writing, &lane))
        });
        writing.await.map_err(|error| Refusal::fault("writing about messages broke off", &error))?
    }
}

/// Where a message goes now.
fn to(reading: &Reading<'_>, delivery: &OutboxMessage) -> Result<To, Refusal> {
    match (&delivery.lane, &delivery.person) {
        (Lane::Mail, Some(person)) => address(reading, person),
        (Lane::Mail, None) => Ok(To::Nobody("It was for nobody.")),
        (Lane::Webhook(id), _) => Ok(match reading.webhook(id)? {
            Some(row) if row.webhook.terms.active => To::Webhook(Box::new(row)),
            Some(_) => To::Nobody("The webhook is switched off."),
            None => To::Nobody("There is no such webhook any more."),
        }),
    }
}

fn address(reading: &Reading<'_>, person: &PrincipalId) -> Result<To, Refusal> {
    if reading.member(person)?.is_none_or(|member| member.disabled) {
        return Ok(To::Nobody("The person is not let in any more."));
    }
    let email = reading.profile(person)?.and_then(|profile| profile.email);
    Ok(email.map_or(To::Nobody("The person has no e-mail address any more."), To::Address))
}

fn webhook_name(reading: &Reading<'_>, lane: &Lane) -> Result<String, Refusal> {
    let Lane::Webhook(id) = lane else { return Ok(String::new()) };
    Ok(reading.webhook(id)?.map(|row| row.webhook.terms.name).unwrap_or_default())
}

fn enter(
    writing: &mut Writing<'_>,
    delivery: OutboxMessage,
    attempted: Attempted,
    answer: String,
) -> Result<DeliveryState, Refusal> {
    let now = writing.now();
    let attempts = delivery.attempts.saturating_add(1);
    let (state, next_at) = after_attempt(attempted, attempts, delivery.since, now);
    let tried_at = Some(now);
    writing.put_delivery(&OutboxMessage { state, attempts, next_at, tried_at, answer: Some(answer), ..delivery })?;
    Ok(state)
}
