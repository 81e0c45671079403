//! Rows beside the journal, which knows ids alone: what is known of people, and what lets them in. They can be erased.
//!
//! Every table has the same columns: what names a row, a key by which it is found (often the hash of a secret), whose it
//! is, and the rest as JSON. A sum shows a change that was made by somebody else.

use rusqlite::{Connection, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::rows::{execute, from_json, sum, to_json};
use crate::store::StoreError;

/// What is known of people, and what lets them in.
const OF_PEOPLE: [&str; 6] = [PROFILES, IDENTITIES, SESSIONS, API_TOKENS, INVITATIONS, ADMIN_LINKS];
/// How people and programs are told of things.
const OF_NOTICES: [&str; 3] = [WEBHOOKS, NOTICE_PREFERENCES, REMINDERS];
/// What people have arranged on their pages.
const OF_PAGES: [&str; 1] = [PAGE_PREFERENCES];

pub(super) const PROFILES: &str = "profiles";
pub(super) const IDENTITIES: &str = "identities";
pub(in crate::store) const SESSIONS: &str = "sessions";
pub(super) const API_TOKENS: &str = "api_tokens";
pub(in crate::store) const INVITATIONS: &str = "invitations";
pub(in crate::store) const ADMIN_LINKS: &str = "admin_links";
pub(super) const WEBHOOKS: &str = "webhooks";
pub(super) const NOTICE_PREFERENCES: &str = "notice_preferences";
pub(in crate::store) const REMINDERS: &str = "reminders";
pub(super) const PAGE_PREFERENCES: &str = "page_preferences";

/// The names of all of them.
pub(in crate::store) fn names() -> impl Iterator<Item = &'static str> {
    OF_PEOPLE.into_iter().chain(OF_NOTICES).chain(OF_PAGES)
}

/// Makes those of people.
pub(in crate::store) fn make_of_people(connection: &Connection) -> Result<(), StoreError> {
    make(connection, &OF_PEOPLE)
}

/// Makes those of notices.
pub(in crate::store) fn make_of_notices(connection: &Connection) -> Result<(), StoreError> {
    make(connection, &OF_NOTICES)
}

/// Makes those of pages.
pub(in crate::store) fn make_of_pages(connection: &Connection) -> Result<(), StoreError> {
    make(connection, &OF_PAGES)
}

fn make(connection: &Connection, tables: &[&str]) -> Result<(), StoreError> {
    for table in tables {
        connection.execute_batch(&format!(
            "CREATE TABLE {table} (
                id     TEXT PRIMARY KEY,
                key    TEXT UNIQUE,
                owner  TEXT NOT NULL,
                record TEXT NOT NULL,
                sum    TEXT NOT NULL
            );
            CREATE INDEX {table}_owner ON {table} (owner);"
        ))?;
    }
    Ok(())
}

/// A row, as it is written.
pub(super) struct Beside<'a, T> {
    pub(super) id: &'a str,
    pub(super) key: Option<&'a str>,
    pub(super) owner: &'a str,
    pub(super) record: &'a T,
}

/// Writes a row, also in the place of one with the same id.
pub(super) fn put<T: Serialize>(
    connection: &Connection,
    table: &'static str,
    row: &Beside<'_, T>,
) -> Result<(), StoreError> {
    let Beside { id, key, owner, record } = *row;
    let record = to_json(table, record)?;
    let sum = sum(&[table, id, key.unwrap_or_default(), owner, &record]);
    // Not INSERT OR REPLACE, which would throw another row with the same key away.
    let sql = format!(
        "INSERT INTO {table} (id, key, owner, record, sum) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET key = excluded.key, owner = excluded.owner, record = excluded.record, sum = excluded.sum"
    );
    execute(connection, &sql, params![id, key, owner, record, sum])
}

fn read<T: DeserializeOwned>(table: &'static str, row: &Row<'_>) -> Result<T, StoreError> {
    let text = |column| row.get::<_, String>(column).map_err(|error| StoreError::corrupt(table, error));
    let key: Option<String> = row.get(1).map_err(|error| StoreError::corrupt(table, error))?;
    let record = text(3)?;
    if sum(&[table, &text(0)?, &key.unwrap_or_default(), &text(2)?, &record]) != text(4)? {
        return Err(StoreError::corrupt(table, "a row is not as it was written"));
    }
    from_json(table, &record)
}

/// The columns by which a row is found.
#[derive(Clone, Copy)]
pub(super) enum By {
    Id,
    Key,
    Owner,
}

impl By {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Key => "key",
            Self::Owner => "owner",
        }
    }
}

/// The row that has this value, if there is one.
pub(super) fn one<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    by: By,
    value: &str,
) -> Result<Option<T>, StoreError> {
    let sql = format!("SELECT id, key, owner, record, sum FROM {table} WHERE {} = ?", by.column());
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    rows.next()?.map(|row| read(table, row)).transpose()
}

/// The rows of `owner`, or all there are, by id, which is the order in which they were made.
pub(super) fn many<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    owner: Option<&str>,
) -> Result<Vec<T>, StoreError> {
    let sql = format!("SELECT id, key, owner, record, sum FROM {table} WHERE ?1 IS NULL OR owner = ?1 ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([owner])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(table, row)?);
    }
    Ok(found)
}

/// All rows, without those that cannot be read, which is said in the log.
pub(super) fn readable<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
) -> Result<Vec<T>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT id, key, owner, record, sum FROM {table} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match read(table, row) {
            Ok(record) => found.push(record),
            Err(error) => tracing::error!(%error, "a row that cannot be read is left out of a list"),
        }
    }
    Ok(found)
}

/// Removes rows that have this value; their number.
pub(super) fn remove(connection: &Connection, table: &'static str, by: By, value: &str) -> Result<usize, StoreError> {
    let sql = format!("DELETE FROM {table} WHERE {} = ?", by.column());
    Ok(connection.prepare_cached(&sql)?.execute([value])?)
}

/// The table and id of a row that is not as it was written, if there is one.
pub(in crate::store) fn changed(connection: &Connection) -> Result<Option<String>, StoreError> {
    for table in names() {
        let mut statement = connection.prepare(&format!("SELECT id, key, owner, record, sum FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if read::<serde_json::Value>(table, row).is_err() {
                return Ok(Some(format!("{table} {}", row.get::<_, String>(0).unwrap_or_default())));
            }
        }
    }
    Ok(None)
}
