//! Messages on their way to a mail server or a webhook, written in the transaction of what they tell of.

use domain::id::{DeliveryId, DeploymentId, DeploymentName, Seq, WebhookId};
use domain::notice::{Channel, DeliveryState, Said, Topic};
use domain::principal::PrincipalId;
use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::rows::{count, execute, from_json, readable, record, text, to_json};
use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE deliveries (
    id     TEXT PRIMARY KEY,
    lane   TEXT NOT NULL,
    owner  TEXT NOT NULL,
    state  TEXT NOT NULL,
    due    INTEGER,
    record TEXT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (lane, due, id) WHERE due IS NOT NULL;
CREATE INDEX deliveries_lane ON deliveries (lane, id);
CREATE INDEX deliveries_owner ON deliveries (owner);
CREATE INDEX deliveries_state ON deliveries (state, id);
";

/// The way of all mail.
const MAIL: &str = "mail";

/// Those to whom messages go, each of whom is waited for alone: the mail server, or a webhook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The mail server.
    Mail,
    /// A webhook.
    Webhook(WebhookId),
}

impl Lane {
    fn key(&self) -> &str {
        match self {
            Self::Mail => MAIL,
            Self::Webhook(id) => id.as_str(),
        }
    }

    /// The channel that it belongs to.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Mail => Channel::Email,
            Self::Webhook(_) => Channel::Webhook,
        }
    }
}

/// A message on its way, or at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Names it: by it the receiver tells what it has already.
    pub id: DeliveryId,
    /// Where it goes.
    pub lane: Lane,
    /// The person whom a mail is for.
    pub person: Option<PrincipalId>,
    /// What it is about.
    pub topic: Topic,
    /// The time of what happened.
    pub at: Timestamp,
    /// The entry that it tells of; none where it tells of the time.
    pub seq: Option<Seq>,
    /// The deployment that it is about, by id and by the name that it had.
    pub deployment: Option<(DeploymentId, DeploymentName)>,
    /// The words, with the ids of people in the place of their names.
    pub said: Said,
    /// Its state.
    pub state: DeliveryState,
    /// The number of attempts since `since`.
    pub attempts: u32,
    /// The time at which it was made.
    pub made_at: Timestamp,
    /// The time from which on it is tried: that at which it was made, or was sent again by hand.
    pub since: Timestamp,
    /// The time of the next attempt, while it waits.
    pub next_at: Option<Timestamp>,
    /// The time of the last attempt.
    pub tried_at: Option<Timestamp>,
    /// The answer of the other end, or why there was none.
    pub answer: Option<String>,
}

const DELIVERIES: &str = "deliveries";

/// What is due on a lane.
#[derive(Debug)]
pub enum DueMessage {
    /// A message.
    Message(Box<OutboxMessage>),
    /// One that cannot be read: what names it, and why.
    Unreadable(String, StoreError),
}

impl Reading<'_> {
    /// The lanes on which something is due at `now`, and the next time at which something is.
    ///
    /// # Errors
    /// Those of SQLite; a row that cannot be read.
    pub fn due_lanes(&self, now: Timestamp) -> Result<(Vec<Lane>, Option<Timestamp>), StoreError> {
        let now = now.as_millisecond();
        let sql = "SELECT lane, min(due) FROM deliveries WHERE due IS NOT NULL GROUP BY lane";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let (mut lanes, mut next) = (Vec::new(), None::<i64>);
        while let Some(row) = rows.next()? {
            let (lane, due): (String, i64) = (row.get(0)?, row.get(1)?);
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
            } else if lane == MAIL {
                lanes.push(Lane::Mail);
            } else {
                let id = lane.parse().map_err(|error| StoreError::corrupt(DELIVERIES, error))?;
                lanes.push(Lane::Webhook(id));
            }
        }
        Ok((lanes, next.and_then(|due| Timestamp::from_millisecond(due).ok())))
    }

    /// The message of a lane that is due at `now` and waits longest; the id alone of one that cannot be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn due(&self, lane: &Lane, now: Timestamp) -> Result<Option<DueMessage>, StoreError> {
        let sql = "SELECT id, record FROM deliveries WHERE lane = ? AND due <= ? ORDER BY due, id LIMIT 1";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params![lane.key(), now.as_millisecond()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let read = text(DELIVERIES, row.get_ref(1)?).and_then(|record| from_json(DELIVERIES, record));
        Ok(Some(match read {
            Ok(delivery) => DueMessage::Message(Box::new(delivery)),
            Err(error) => DueMessage::Unreadable(row.get(0)?, error),
        }))
    }

    /// One message.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn delivery(&self, id: &DeliveryId) -> Result<Option<OutboxMessage>, StoreError> {
        record(self.0, DELIVERIES, "SELECT record FROM deliveries WHERE id = ?", [id.as_str()])
    }

    /// At most `limit` messages before `before`, newest first: of one lane or of all, in one state or in any.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn deliveries(
        &self,
        lane: Option<&Lane>,
        state: Option<DeliveryState>,
        before: Option<&DeliveryId>,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, StoreError> {
        let sql = "SELECT record FROM deliveries
                   WHERE (?1 IS NULL OR lane = ?1) AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR id < ?3)
                   ORDER BY id DESC LIMIT ?4";
        let (lane, state) = (lane.map(Lane::key), state.map(DeliveryState::as_str));
        readable(self.0, DELIVERIES, sql, params![lane, state, before.map(DeliveryId::as_str), limit])
    }

    /// The number of messages that wait on a lane.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn waiting_deliveries(&self, lane: &Lane) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM deliveries WHERE lane = ? AND due IS NOT NULL", [lane.key()])
    }
}

impl Writing<'_> {
    /// Writes a message, also in the place of what was known of it.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_delivery(&mut self, delivery: &OutboxMessage) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO deliveries (id, lane, owner, state, due, record) VALUES (?, ?, ?, ?, ?, ?)";
        let owner = delivery.person.as_ref().map_or(delivery.lane.key(), PrincipalId::as_str);
        // Of break-glass people are told before anything else.
        let first = delivery.topic == Topic::BreakGlass && delivery.attempts == 0;
        let due = delivery.next_at.map(|at| if first { 0 } else { at.as_millisecond() });
        let (id, lane, state) = (delivery.id.as_str(), delivery.lane.key(), delivery.state.as_str());
        execute(&self.tx, sql, params![id, lane, owner, state, due, to_json(DELIVERIES, delivery)?])
    }

    /// Takes a message that cannot be read off its way.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn set_aside_delivery(&mut self, id: &str) -> Result<(), StoreError> {
        execute(&self.tx, "UPDATE deliveries SET due = NULL WHERE id = ?", [id])
    }

    /// Removes the messages to a person.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_deliveries_to(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        execute(&self.tx, "DELETE FROM deliveries WHERE owner = ?", [person.as_str()])
    }

    /// Removes the messages of a lane; those that wait alone, or all.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_deliveries_on(&mut self, lane: &Lane, waiting_alone: bool) -> Result<(), StoreError> {
        let sql = "DELETE FROM deliveries WHERE lane = ? AND (? = 0 OR due IS NOT NULL)";
        execute(&self.tx, sql, params![lane.key(), waiting_alone])
    }

    /// Removes messages that have ended and were made before `time`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_old_deliveries(&mut self, time: Timestamp) -> Result<(), StoreError> {
        // Ids begin with the time at which they were made.
        let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or(0);
        let first = Ulid::from_parts(milliseconds, 0).to_string().to_lowercase();
        execute(&self.tx, "DELETE FROM deliveries WHERE due IS NULL AND id < ?", [first])
    }
}
