//! A file for each table: how it is made, how what the ledger has come to is saved in it, and how it is read.
//!
//! A row is its keys, and the rest as JSON in `record`: SQL finds rows, Rust reads them. What an entry means stands in
//! [`domain::ledger`]. Every table is saved from what all of them held before the entry ([`entered`]), so that it does not
//! matter in which order they are written.

pub(super) mod base;
pub mod checks;
pub mod configurations;
pub mod deployments;
mod entered;
pub mod idempotency;
pub mod journal;
pub mod models;
pub mod replicas;
pub mod revisions;
pub mod rollouts;
pub mod secrets;
pub mod steps;

use domain::canonical;
use domain::event::Entry;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::StoreError;
pub(super) use entered::Entered;

/// Reads a record, and forgets what it says.
type Check = fn(&'static str, &str) -> Result<(), StoreError>;

/// Tables that the journal covers, each with what its records must be.
pub(super) const COVERED: &[(&str, Check)] = &[
    ("checks", check::<domain::ledger::Check>),
    ("steps", check::<domain::ledger::RolloutStep>),
    ("replicas", check::<domain::replica::ReplicaRecord>),
    ("rollouts", check::<domain::ledger::Rollout>),
    ("revisions", check::<domain::ledger::Revision>),
    ("configurations", check::<configurations::ConfigurationRow>),
    ("deployments", check::<domain::ledger::Deployment>),
    ("models", check::<domain::model::RegisteredModel>),
];

fn check<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<(), StoreError> {
    from_json::<T>(table, text).map(drop)
}

/// Saves in a table what an entry has changed of it.
pub(super) type Save = fn(&Connection, &Entered<'_>) -> Result<(), StoreError>;

/// One for each table that the journal covers, and for the secrets, which go with their deployment.
pub(super) const SAVED: [Save; 9] = [
    models::save,
    deployments::save,
    configurations::save,
    revisions::save,
    rollouts::save,
    steps::save,
    secrets::save,
    checks::save,
    replicas::save,
];

/// Enters an entry in the ledger, and saves what it changes.
pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let entered = Entered::load(connection, entry)?;
    SAVED.iter().try_for_each(|save| save(connection, &entered))
}

fn to_json(table: &'static str, record: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|error| StoreError::corrupt(table, error))
}

fn from_json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, error))
}

/// Sums up a row that the journal does not cover, so that a change of it shows.
fn sum(parts: &[&str]) -> String {
    hex::encode(Sha256::digest(canonical::text(&json!(parts))))
}

/// The records that `sql` selects as its first column, without those that cannot be read: for lists, which one damaged
/// row must not stop. Where something is decided by what is missing, [`records`] is asked.
fn readable<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let told = |error: &StoreError| tracing::error!(%error, "a row that cannot be read is left out of a list");
    let rows = rows(connection, table, sql, params)?.into_iter();
    Ok(rows.filter_map(|record| record.inspect_err(told).ok()).collect())
}

pub(super) fn text<'a>(table: &'static str, value: ValueRef<'a>) -> Result<&'a str, StoreError> {
    value.as_str().map_err(|error| StoreError::corrupt(table, error))
}

/// The records that `sql` selects as its first column; all of them or none.
fn records<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    rows(connection, table, sql, params)?.into_iter().collect()
}

/// Each record that `sql` selects as its first column, or why it cannot be read.
fn rows<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Result<T, StoreError>>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(text(table, row.get_ref(0)?).and_then(|text| from_json(table, text)));
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
    let mut rows = statement.query(params)?;
    let Some(row) = rows.next()? else { return Ok(None) };
    from_json(table, text(table, row.get_ref(0)?)?).map(Some)
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
