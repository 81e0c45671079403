//! Notices: what each person is told of in the application. Beside the journal, so that a person can be erased.

use domain::id::{DeploymentId, Seq};
use domain::notice::{Said, Topic};
use domain::principal::PrincipalId;
use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::rows::{count, execute, from_json, text, to_json};
use crate::store::{Reading, StoreError, Writing};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE notices (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    read   INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL
);
CREATE INDEX notices_person ON notices (person, id);
CREATE INDEX notices_unread ON notices (person) WHERE read = 0;
";

/// Most notices that are kept for a person; older ones go.
pub const MOST_NOTICES: u32 = 1_000;

/// Something that a person is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub topic: Topic,
    /// The time of what happened.
    pub at: Timestamp,
    /// The entry that it tells of; none where it tells of the time.
    pub seq: Option<Seq>,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// The words, with the ids of people in the place of their names.
    pub said: Said,
}

/// A notice in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its number.
    pub id: u64,
    /// The person has read it.
    pub read: bool,
    /// The notice.
    pub notice: Notice,
}

impl Reading<'_> {
    /// At most `limit` notices of a person before `before`, newest first; `unread` ones alone, or all.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn notices(
        &self,
        person: &PrincipalId,
        unread: bool,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        let sql = "SELECT id, read, record FROM notices
                   WHERE person = ?1 AND (?2 = 0 OR read = 0) AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4";
        let mut statement = self.0.prepare_cached(sql)?;
        let before = before.map(|id| i64::try_from(id).unwrap_or(i64::MAX));
        let mut rows = statement.query(params![person.as_str(), unread, before, limit])?;
        let mut notices = Vec::new();
        while let Some(row) = rows.next()? {
            let notice = from_json("notices", text("notices", row.get_ref(2)?)?)?;
            notices.push(NoticeRow { id: row.get::<_, i64>(0)?.unsigned_abs(), read: row.get(1)?, notice });
        }
        Ok(notices)
    }

    /// The number of notices that a person has not read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn unread_notices(&self, person: &PrincipalId) -> Result<u64, StoreError> {
        count(self.0, "SELECT count(*) FROM notices WHERE person = ? AND read = 0", [person.as_str()])
    }
}

impl Writing<'_> {
    /// Tells a person in the application; `read` where they know it already.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_notice(&mut self, person: &PrincipalId, notice: &Notice, read: bool) -> Result<(), StoreError> {
        self.notices = true;
        let sql = "INSERT INTO notices (person, read, record) VALUES (?, ?, ?)";
        execute(&self.tx, sql, params![person.as_str(), read, to_json("notices", notice)?])
    }

    /// Marks notices of a person as read: those of `ids`, and all up to `up_to`.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn read_notices(&mut self, person: &PrincipalId, ids: &[u64], up_to: Option<u64>) -> Result<(), StoreError> {
        self.notices = true;
        let number = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
        for id in ids {
            execute(
                &self.tx,
                "UPDATE notices SET read = 1 WHERE person = ? AND id = ?",
                params![person.as_str(), number(*id)],
            )?;
        }
        match up_to {
            Some(id) => execute(
                &self.tx,
                "UPDATE notices SET read = 1 WHERE person = ? AND read = 0 AND id <= ?",
                params![person.as_str(), number(id)],
            ),
            None => Ok(()),
        }
    }

    /// Removes the notices of a person.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_notices(&mut self, person: &PrincipalId) -> Result<(), StoreError> {
        execute(&self.tx, "DELETE FROM notices WHERE person = ?", [person.as_str()])
    }

    /// Removes the oldest notices of everybody who has more than [`MOST_NOTICES`].
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_old_notices(&mut self) -> Result<(), StoreError> {
        let mut statement = self.tx.prepare("SELECT person FROM notices GROUP BY person HAVING count(*) > ?")?;
        let people =
            statement.query_map([MOST_NOTICES], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        drop(statement);
        let sql = "DELETE FROM notices WHERE person = ?1 AND id <=
                   (SELECT id FROM notices WHERE person = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        people.iter().try_for_each(|person| execute(&self.tx, sql, params![person, MOST_NOTICES]))
    }
}
