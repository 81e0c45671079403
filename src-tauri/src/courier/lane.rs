//! A lane: one message after the other to the mail server, or to a webhook.

use std::sync::Arc;

use domain::id::Actor;
use domain::notice::{Attempted, DeliveryState, Said, after_attempt, wait};
use domain::principal::PrincipalId;
use jiff::Timestamp;

use super::Courier;
use super::attempt::Outcome;
use crate::commands::{Refusal, name_of_principal, tell_given_up};
use crate::store::Writing;
use crate::store::tables::deliveries::{Delivery, Lane};
use crate::store::tables::webhooks::WebhookRow;

/// Messages that are read at a time.
const BATCH: u32 = 100;

/// The rest of a lane whose other end cannot be reached.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    /// The attempts in a row that were in vain.
    pub(super) failures: u32,
    /// The time of the next one.
    pub(super) until: Timestamp,
    /// The reason why it could not be reached.
    pub(super) why: String,
}

/// The work of one lane.
pub(super) struct Work {
    pub(super) courier: Arc<Courier>,
    pub(super) lane: Lane,
}

/// A message with where it goes.
struct Ready {
    delivery: Delivery,
    said: Said,
    to: To,
}

enum To {
    Address(String),
    Webhook(Box<WebhookRow>),
    /// Nowhere any more, and why.
    Nobody(&'static str),
}

impl Work {
    /// Brings what is due; answers whose work it was.
    pub(super) async fn run(self) -> Lane {
        if let Err(refusal) = self.work().await {
            let rest = self.rest("The database cannot be used.".to_owned());
            tracing::warn!(%refusal, ?rest, "messages cannot be brought, which is tried again");
        }
        self.lane
    }

    async fn work(&self) -> Result<(), Refusal> {
        if self.lane == Lane::Mail && self.courier.mail.is_none() {
            // Nobody waits for mail where none is sent.
            return self.write(|writing, lane| Ok(writing.remove_deliveries_on(lane, true)?)).await;
        }
        if let (Lane::Mail, Some(mailer)) = (&self.lane, &self.courier.mail)
            && let Err(away) = mailer.reach().await
        {
            return self.away(&away).await;
        }
        loop {
            let batch = self.read().await?;
            if batch.is_empty() {
                return Ok(());
            }
            for ready in batch {
                let outcome = self.bring(&ready).await;
                if matches!(outcome, Outcome::Away(_)) {
                    self.note(ready.delivery, &outcome).await?;
                    return self.away(&outcome).await;
                }
                self.courier.resting().remove(&self.lane);
                let gone = matches!(outcome, Outcome::Gone(_));
                self.note(ready.delivery, &outcome).await?;
                if gone {
                    return self.gone(&outcome).await;
                }
            }
        }
    }

    async fn bring(&self, ready: &Ready) -> Outcome {
        let Ready { delivery, said, to } = ready;
        let (base, courier) = (&self.courier.base, &self.courier);
        match (to, &courier.mail) {
            (To::Nobody(why), _) => Outcome::Never((*why).to_owned()),
            (To::Address(address), Some(mailer)) => {
                mailer.send(delivery.id.as_str(), address, said, base, delivery.made_at).await
            }
            (To::Address(_), None) => Outcome::Never("No mail is sent.".to_owned()),
            (To::Webhook(row), _) => courier.webhooks.send(row, delivery, said, base, courier.clock.now()).await,
        }
    }

    /// The messages that are due, with the words as they are now and where they go.
    async fn read(&self) -> Result<Vec<Ready>, Refusal> {
        let (courier, lane) = (self.courier.clone(), self.lane.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let now = courier.clock.now();
            courier.store.read(|reading| {
                let due = reading.due(&lane, now, BATCH)?;
                let webhook = match &lane {
                    Lane::Mail => None,
                    Lane::Webhook(id) => reading.webhook(id)?,
                };
                let mut ready = Vec::new();
                for delivery in due {
                    let to = match (&lane, &delivery.person) {
                        (Lane::Mail, Some(person)) => address(reading, person)?,
                        (Lane::Mail, None) => To::Nobody("It was for nobody."),
                        (Lane::Webhook(_), _) => match &webhook {
                            Some(row) if row.webhook.terms.active => To::Webhook(Box::new(row.clone())),
                            Some(_) => To::Nobody("The webhook is switched off."),
                            None => To::Nobody("There is no such webhook any more."),
                        },
                    };
                    let said = delivery.said.with_names(|id| name_of_principal(reading, id));
                    ready.push(Ready { delivery, said, to });
                }
                Ok::<_, Refusal>(ready)
            })
        });
        reading.await.map_err(|error| Refusal::fault("reading messages broke off", &error))?
    }

    /// Writes what came of an attempt.
    async fn note(&self, delivery: Delivery, outcome: &Outcome) -> Result<(), Refusal> {
        let (attempted, answer) = outcome.of_message();
        let answer = answer.to_owned();
        self.write(move |writing, lane| {
            // Somebody may have removed it meanwhile, or sent it again.
            let Some(now_kept) = writing.reading().delivery(&delivery.id)? else { return Ok(()) };
            if now_kept.since != delivery.since {
                return Ok(());
            }
            let to = recipient(writing, &delivery)?;
            match enter(writing, delivery, attempted, answer.clone())? {
                DeliveryState::GivenUp => tell_given_up(writing, lane, &to, &answer),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Rests; what has waited for three days is given up.
    async fn away(&self, outcome: &Outcome) -> Result<(), Refusal> {
        let (_, answer) = outcome.of_message();
        let answer = answer.to_owned();
        self.rest(answer.clone());
        self.write(move |writing, lane| give_up_old(writing, lane, &answer)).await
    }

    fn rest(&self, why: String) -> Rest {
        let mut resting = self.courier.resting();
        let failures = resting.get(&self.lane).map_or(1, |rest| rest.failures.saturating_add(1));
        let until = self.courier.clock.now().checked_add(wait(failures)).unwrap_or(Timestamp::MAX);
        let rest = Rest { failures, until, why };
        resting.insert(self.lane.clone(), rest.clone());
        rest
    }

    /// Switches a webhook off whose receiver said that it is gone.
    async fn gone(&self, outcome: &Outcome) -> Result<(), Refusal> {
        let (_, answer) = outcome.of_message();
        let answer = answer.to_owned();
        self.write(move |writing, lane| {
            let Lane::Webhook(id) = lane else { return Ok(()) };
            let Some(mut row) = writing.reading().webhook(id)? else { return Ok(()) };
            row.webhook.terms.active = false;
            row.webhook.switched_off = Some(answer.clone());
            writing.put_webhook(&row)?;
            tell_given_up(writing, lane, &row.webhook.terms.name, &answer)
        })
        .await
    }

    async fn write(
        &self,
        work: impl FnOnce(&mut Writing<'_>, &Lane) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<(), Refusal> {
        let (courier, lane) = (self.courier.clone(), self.lane.clone());
        let writing = tokio::task::spawn_blocking(move || {
            courier.store.write(&Actor::server(), courier.clock.now(), |writing| work(writing, &lane))
        });
        writing.await.map_err(|error| Refusal::fault("writing about messages broke off", &error))?
    }
}

fn address(reading: &crate::store::Reading<'_>, person: &PrincipalId) -> Result<To, Refusal> {
    if reading.member(person)?.is_none_or(|member| member.disabled) {
        return Ok(To::Nobody("The person is not let in any more."));
    }
    let email = reading.profile(person)?.and_then(|profile| profile.email);
    Ok(email.map_or(To::Nobody("The person has no e-mail address any more."), To::Address))
}

fn recipient(writing: &Writing<'_>, delivery: &Delivery) -> Result<String, Refusal> {
    let reading = writing.reading();
    Ok(match (&delivery.lane, &delivery.person) {
        (Lane::Webhook(id), _) => reading.webhook(id)?.map(|row| row.webhook.terms.name).unwrap_or_default(),
        (Lane::Mail, Some(person)) => name_of_principal(&reading, person),
        (Lane::Mail, None) => String::new(),
    })
}

fn enter(
    writing: &mut Writing<'_>,
    delivery: Delivery,
    attempted: Attempted,
    answer: String,
) -> Result<DeliveryState, Refusal> {
    let now = writing.now();
    let attempts = delivery.attempts.saturating_add(1);
    let (state, next_at) = after_attempt(attempted, attempts, delivery.since, now);
    let tried_at = Some(now);
    writing.put_delivery(&Delivery { state, attempts, next_at, tried_at, answer: Some(answer), ..delivery })?;
    Ok(state)
}

/// Gives up what has waited for three days, and tells administrators.
fn give_up_old(writing: &mut Writing<'_>, lane: &Lane, answer: &str) -> Result<(), Refusal> {
    let now = writing.now();
    for delivery in writing.reading().due(lane, now, BATCH)? {
        let (state, _) = after_attempt(Attempted::NotNow, delivery.attempts, delivery.since, now);
        if state == DeliveryState::GivenUp {
            let to = recipient(writing, &delivery)?;
            writing.put_delivery(&Delivery { state, next_at: None, answer: Some(answer.to_owned()), ..delivery })?;
            tell_given_up(writing, lane, &to, answer)?;
        }
    }
    Ok(())
}
