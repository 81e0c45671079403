//! The courier: brings messages that wait to the mail server and to webhooks, and reminds people in time.
//!
//! # Flow
//!
//! What people are told of is written in the transaction of what happened (`commands::tell`). Whoever has committed
//! something wakes the courier, and so does the time of the next attempt. Messages go in *lanes*, one for the mail server
//! and one for each webhook; a lane brings one message after the other, and no lane waits for another.
//!
//! # Guarantees
//!
//! - A message is brought at least once: what came of it is written after the other end has answered, and a server that was
//!   killed in between brings it again, with the same id (`Message-ID`, `webhook-id`).
//! - One that is refused for good, or for three days, ends, and administrators are told.
//! - A mail server or a receiver that cannot be reached is asked again later, and one message after the other does not find
//!   that out anew.
//! - Nothing here is waited for by requests, rollouts or pages.

mod address;
mod attempt;
mod lane;
mod letter;
mod mail;
mod means;
mod webhook;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::id::{Actor, WebhookId};
use domain::notice::topic_of;
use domain::secret::Secret;
use domain::wire::TryAnswer;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::commands::{Refusal, Reminders, forget_reminders};
use crate::config::{HostAndPort, MailSettings};
use crate::store::Store;
use crate::store::tables::deliveries::Lane;
use lane::Work;
use mail::Mailer;
use means::Means;
use webhook::WebhookCaller;

/// The longest time without a look at what is due.
const LONGEST: Duration = Duration::from_secs(60);
/// The pause after a failure of the store.
const PAUSE: Duration = Duration::from_secs(5);
/// The time between two removals of what is old.
const TIDYING: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
/// The time for which messages that have ended are kept.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// The parts that the courier works with.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// The clock.
    pub clock: Clock,
    /// The mail server; without one no mail is sent.
    pub mail: Option<MailSettings>,
    /// Receivers of webhooks that may have any address.
    pub webhook_allow: Vec<HostAndPort>,
    /// The URL at which people reach the interface, without a slash at its end.
    pub base: String,
}

/// Brings messages.
pub struct Courier {
    means: Arc<Means>,
    wake: Notify,
}

impl Courier {
    /// One with these parts.
    ///
    /// # Errors
    /// A sentence, when the certificates that the mail server is trusted by cannot be used.
    pub fn new(parts: Parts) -> Result<Arc<Self>, String> {
        let Parts { store, clock, mail, webhook_allow, base } = parts;
        let means = Means {
            store,
            clock,
            mail: mail.map(Mailer::new).transpose()?,
            webhooks: WebhookCaller::new(webhook_allow),
            base,
            resting: Mutex::default(),
        };
        Ok(Arc::new(Self { means: Arc::new(means), wake: Notify::new() }))
    }

    /// The URL of the mail server and the address that mail comes from, where mail is sent.
    pub fn mail_server(&self) -> Option<(String, String)> {
        self.means.mail.as_ref().map(|mailer| (mailer.server().to_owned(), mailer.from().to_owned()))
    }

    /// The reason why a lane rests, while it does.
    pub fn trouble(&self, lane: &Lane) -> Option<String> {
        self.means.resting().get(lane).map(|rest| rest.why.clone())
    }

    /// Looks at what is due now, also on lanes that rest.
    pub fn wake(&self) {
        self.means.resting().clear();
        self.wake.notify_one();
    }

    /// Sends a mail to `to` at once, to try the settings; none where no mail is sent.
    pub async fn try_mail(&self, to: &str) -> Option<TryAnswer> {
        let mailer = self.means.mail.as_ref()?;
        Some(mailer.try_out(to, &self.means.base, self.means.clock.now()).await)
    }

    /// Sends the link of an invitation to `to` at once, on behalf of `inviter`; none where no mail is sent.
    pub async fn invite(&self, to: &str, link: &Secret, inviter: &str, ends: Timestamp) -> Option<TryAnswer> {
        let mailer = self.means.mail.as_ref()?;
        Some(mailer.invite(to, link, inviter, ends, &self.means.base, self.means.clock.now()).await)
    }

    /// Sends a message to a webhook at once, to try it.
    ///
    /// # Errors
    /// Those of the store; there is no such webhook.
    pub async fn try_webhook(&self, id: &WebhookId) -> Result<TryAnswer, Refusal> {
        let row = self.means.store.read(|reading| Ok::<_, Refusal>(reading.webhook(id)?))?;
        let row = row.ok_or_else(|| crate::commands::no_such_webhook(id))?;
        Ok(self.means.webhooks.try_out(&row, &self.means.base, self.means.clock.now()).await)
    }

    /// Refuses a URL to which nothing may be sent.
    ///
    /// # Errors
    /// A sentence.
    pub async fn check_target(&self, url: &str) -> Result<(), String> {
        self.means.webhooks.check(url).await
    }

    /// Works until `end`.
    pub async fn run(self: Arc<Self>, end: CancellationToken) {
        let mut committed = self.means.store.events().subscribe();
        let mut lanes: JoinSet<Lane> = JoinSet::new();
        let mut busy = Vec::new();
        let mut rights_changed = true;
        let mut tidied = Timestamp::MIN;
        loop {
            let wait = match self.look(&mut lanes, &mut busy, &mut rights_changed, &mut tidied).await {
                Ok(wait) => wait,
                Err(refusal) => {
                    tracing::warn!(%refusal, "messages cannot be looked at, which is tried again");
                    PAUSE
                }
            };
            let skipped = self.means.clock.read().skipped;
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.means.clock.skipped_beyond(skipped) => {}
                () = self.wake.notified() => {}
                changed = next(&mut committed) => rights_changed |= changed,
                Some(done) = lanes.join_next() => match done {
                    Ok(lane) => busy.retain(|one| *one != lane),
                    Err(error) => {
                        // Whose it was is not known: all are begun again after a pause.
                        tracing::error!(%error, "bringing messages broke off");
                        lanes.shutdown().await;
                        busy.clear();
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    }

    /// Reminds people, and sets lanes to work on which something is due; how long nothing else will be.
    async fn look(
        self: &Arc<Self>,
        lanes: &mut JoinSet<Lane>,
        busy: &mut Vec<Lane>,
        rights_changed: &mut bool,
        tidied: &mut Timestamp,
    ) -> Result<Duration, Refusal> {
        let (own, rights) = (self.clone(), *rights_changed);
        let tidy = self.means.clock.now().duration_since(*tidied) > TIDYING;
        if tidy {
            *tidied = self.means.clock.now();
        }
        let looking = tokio::task::spawn_blocking(move || {
            let reminded = own.remind(rights).inspect_err(|refusal| {
                tracing::error!(%refusal, "nobody can be reminded of what waits for them");
            });
            if tidy && let Err(refusal) = own.tidy() {
                tracing::error!(%refusal, "old messages cannot be removed");
            }
            let due = own.means.store.read(|reading| Ok::<_, Refusal>(reading.due_lanes(own.means.clock.now())?));
            (reminded.is_ok(), due)
        });
        let (reminded, due) = looking.await.map_err(|error| Refusal::fault("looking at messages broke off", &error))?;
        *rights_changed &= !reminded;
        let (due, next) = due?;
        let now = self.means.clock.now();
        let mut wakes: Option<Timestamp> = next;
        for lane in due {
            let rests = self.means.resting().get(&lane).map(|rest| rest.until).filter(|until| *until > now);
            if let Some(until) = rests {
                wakes = Some(wakes.map_or(until, |other| other.min(until)));
            } else if !busy.contains(&lane) {
                busy.push(lane.clone());
                lanes.spawn(Work { means: self.means.clone(), lane }.run());
            }
        }
        let wait = wakes.map(|time| Duration::try_from(time.duration_since(now)).unwrap_or(Duration::ZERO));
        Ok(wait.unwrap_or(LONGEST).min(LONGEST))
    }

    /// Reminds people of what waits for them.
    fn remind(&self, rights_changed: bool) -> Result<(), Refusal> {
        let (now, actor) = (self.means.clock.now(), Actor::server());
        let due = self.means.store.read(|reading| Reminders::due(reading, now, rights_changed))?;
        if due.is_empty() {
            return Ok(());
        }
        // What is due is looked for again: somebody may have acted meanwhile.
        self.means
            .store
            .write(&actor, now, |writing| Reminders::due(&writing.reading(), now, rights_changed)?.write(writing))
    }

    /// Removes what is old.
    fn tidy(&self) -> Result<(), Refusal> {
        let now = self.means.clock.now();
        self.means.store.write(&Actor::server(), now, |writing| {
            writing.remove_old_notices()?;
            writing.remove_old_deliveries(now.checked_sub(KEPT).unwrap_or(Timestamp::MIN))?;
            forget_reminders(writing)
        })
    }
}

/// Waits for an entry that people are told of; true when somebody's rights may have changed by it.
async fn next(committed: &mut tokio::sync::broadcast::Receiver<Arc<crate::events::Recorded>>) -> bool {
    loop {
        match committed.recv().await {
            Ok(recorded) => {
                let event = &recorded.entry.event;
                let rights = event.kind().changes_rights();
                if rights || topic_of(event).is_some() {
                    return rights;
                }
            }
            Err(RecvError::Lagged(_)) => return true,
            // The store is gone, and so is the server.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests;
