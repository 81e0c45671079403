//! Notices and messages that are being collected: one for each person and thing, and one for each webhook.

use std::collections::BTreeMap;

use domain::id::{DeploymentId, DeploymentName, WebhookId};
use domain::notice::{Channel, DeliveryState, NoticePreferences, Topic};
use domain::principal::{Directory, PrincipalId};

use crate::commands::new_id;
use crate::store::tables::deliveries::{Lane, OutboxMessage};
use crate::store::tables::notices::Notice;
use crate::store::tables::webhooks::WebhookRow;
use crate::store::{Reading, StoreError, Writing};

/// Those who may be told, as they are at one moment.
pub(crate) struct Recipients {
    /// Everybody there is.
    pub(crate) directory: Directory,
    webhooks: Vec<WebhookRow>,
    /// The choices of people, and whether they have an address, as far as they were read.
    known: BTreeMap<PrincipalId, (NoticePreferences, bool)>,
}

impl Recipients {
    /// Reads who there is.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn read(reading: &Reading<'_>) -> Result<Self, StoreError> {
        let (directory, webhooks) = (reading.directory()?, reading.webhooks()?);
        Ok(Self { directory, webhooks, known: BTreeMap::new() })
    }

    /// The webhooks that are told of a topic.
    pub(crate) fn webhooks_for(&self, topic: Topic, deployment: Option<&DeploymentId>) -> Vec<WebhookId> {
        let hears = self.webhooks.iter().filter(|row| row.webhook.terms.hears(topic, deployment));
        hears.map(|row| row.webhook.id.clone()).collect()
    }

    fn of(&mut self, reading: &Reading<'_>, person: &PrincipalId) -> Result<&(NoticePreferences, bool), StoreError> {
        if !self.known.contains_key(person) {
            let has_address = reading.profile(person)?.is_some_and(|profile| profile.email.is_some());
            self.known.insert(person.clone(), (reading.notice_preferences(person)?, has_address));
        }
        Ok(&self.known[person])
    }
}

/// EntryNames what is told to whom: of one thing, nobody is told twice.
type Key<T> = (T, String);

/// The same of a message: where it goes, and for whom a mail is.
type MessageKey = Key<(Lane, Option<PrincipalId>)>;

/// The notices and messages of one transaction.
#[derive(Default)]
pub(crate) struct Telling {
    notices: BTreeMap<Key<PrincipalId>, (Notice, bool)>,
    messages: BTreeMap<MessageKey, (Notice, Option<DeploymentName>)>,
}

impl Telling {
    /// Tells a person of the thing that `group` names, in the application and by e-mail, as they want it. What they know
    /// is read already.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn person(
        &mut self,
        reading: &Reading<'_>,
        recipients: &mut Recipients,
        person: &PrincipalId,
        group: &str,
        notice: Notice,
        is_own: bool,
    ) -> Result<(), StoreError> {
        let (choices, has_address) = recipients.of(reading, person)?;
        if *has_address && choices.allow(notice.topic, Channel::Email) {
            self.message(Lane::Mail, Some(person.clone()), group, notice.clone(), None);
        }
        if choices.allow(notice.topic, Channel::Application) {
            let key = (person.clone(), group.to_owned());
            let before = self.notices.remove(&key).map(|(notice, _)| notice);
            self.notices.insert(key, (after(before, notice), is_own));
        }
        Ok(())
    }

    /// Sends a message of the thing that `group` names.
    pub(crate) fn message(
        &mut self,
        lane: Lane,
        person: Option<PrincipalId>,
        group: &str,
        notice: Notice,
        name: Option<&DeploymentName>,
    ) {
        let key = ((lane, person), group.to_owned());
        let (before, known) = self.messages.remove(&key).unzip();
        let name = name.cloned().or(known.flatten());
        self.messages.insert(key, (after(before, notice), name));
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of SQLite.
    pub(crate) fn write(self, writing: &mut Writing<'_>) -> Result<(), StoreError> {
        let now = writing.now();
        for ((person, _), (notice, is_own)) in self.notices {
            writing.put_notice(&person, &notice, is_own)?;
        }
        for (((lane, person), _), (notice, name)) in self.messages {
            let Notice { topic, at, seq, deployment, said } = notice;
            let id = new_id().parse().map_err(|error| StoreError::corrupt("deliveries", error))?;
            writing.put_delivery(&OutboxMessage {
                id,
                lane,
                person,
                topic,
                at,
                seq,
                deployment: deployment.zip(name),
                said,
                state: DeliveryState::Waiting,
                attempts: 0,
                made_at: now,
                since: now,
                next_at: Some(now),
                tried_at: None,
                answer: None,
            })?;
        }
        Ok(())
    }
}

/// What is told of a thing of which something was told before.
fn after(before: Option<Notice>, notice: Notice) -> Notice {
    match before {
        Some(before) => Notice { topic: before.topic, said: before.said.then(notice.said), ..notice },
        None => notice,
    }
}
