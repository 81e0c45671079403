//! A file for each table: how it is made, what an event does to it, and how it is read.
//!
//! A row is its keys, and the rest as JSON in `record`: SQL finds rows, Rust reads them.

pub mod checks;
pub mod configurations;
pub mod deployments;
pub mod idempotency;
pub mod journal;
pub mod models;
pub mod replicas;
pub mod revisions;
pub mod rollouts;
pub mod secrets;
pub mod steps;

use domain::event::Entry;
use rusqlite::{Connection, OptionalExtension as _, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// Tables that the journal covers.
pub(super) const COVERED: &[&str] =
    &["checks", "steps", "replicas", "rollouts", "revisions", "configurations", "deployments", "models"];

/// Lets every table take from an entry what concerns it.
pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    models::apply(connection, entry)?;
    deployments::apply(connection, entry)?;
    configurations::apply(connection, entry)?;
    revisions::apply(connection, entry)?;
    rollouts::apply(connection, entry)?;
    steps::apply(connection, entry)?;
    secrets::apply(connection, entry)?;
    checks::apply(connection, entry)?;
    replicas::apply(connection, entry)
}

fn to_json(table: &'static str, record: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|source| StoreError::Corrupt { table, source })
}

fn from_json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Corrupt { table, source })
}

/// The records that `sql` selects as its first column.
fn records<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(from_json(table, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(records)
}

/// The record that `sql` selects as its first column, if there is one.
fn record<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let text: Option<String> = statement.query_row(params, |row| row.get(0)).optional()?;
    text.map(|text| from_json(table, &text)).transpose()
}

/// The number that `sql` selects.
fn count(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, StoreError> {
    let count: i64 = connection.prepare_cached(sql)?.query_row(params, |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}
