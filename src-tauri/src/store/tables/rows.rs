//! Rows: a record is JSON in a column, written and read here for every table.

use domain::canonical;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::store::StoreError;

pub(super) fn to_json(table: &'static str, record: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|error| StoreError::corrupt(table, error))
}

pub(super) fn from_json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(table, error))
}

/// Sums up a row that the journal does not cover, so that a change of it shows.
pub(super) fn sum(parts: &[&str]) -> String {
    hex::encode(Sha256::digest(canonical::text(&json!(parts))))
}

/// The records that `sql` selects as its first column, without those that cannot be read: for lists, which one damaged
/// row must not stop. Where something is decided by what is missing, [`records`] is asked.
pub(super) fn readable<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let rows = rows(connection, table, sql, params)?.into_iter();
    Ok(rows.filter_map(|record| record.inspect_err(tell_of_unreadable).ok()).collect())
}

/// The records that `sql` selects as its first column and `takes` takes, one after another, until there are `limit` of
/// them; those after it are not read, and those that cannot be read are left out.
pub(super) fn first_readable<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    limit: usize,
    takes: impl Fn(&T) -> bool,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut taken = Vec::new();
    while taken.len() < limit {
        let Some(row) = rows.next()? else { break };
        match text(table, row.get_ref(0)?).and_then(|text| from_json(table, text)) {
            Ok(record) if takes(&record) => taken.push(record),
            Ok(_) => {}
            Err(error) => tell_of_unreadable(&error),
        }
    }
    Ok(taken)
}

fn tell_of_unreadable(error: &StoreError) {
    tracing::error!(%error, "a row that cannot be read is left out of a list");
}

pub(in crate::store) fn text<'a>(table: &'static str, value: ValueRef<'a>) -> Result<&'a str, StoreError> {
    value.as_str().map_err(|error| StoreError::corrupt(table, error))
}

/// The records that `sql` selects as its first column; all of them or none.
pub(super) fn records<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    rows(connection, table, sql, params)?.into_iter().collect()
}

/// True when `judge` says so of one of the records that `sql` selects as its first column; those after it are not read.
pub(super) fn any<T: DeserializeOwned, E: From<StoreError>>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut judge: impl FnMut(T) -> Result<bool, E>,
) -> Result<bool, E> {
    let mut statement = connection.prepare_cached(sql).map_err(StoreError::from)?;
    let mut rows = statement.query(params).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        let value = row.get_ref(0).map_err(StoreError::from)?;
        if judge(from_json(table, text(table, value)?)?)? {
            return Ok(true);
        }
    }
    Ok(false)
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
pub(super) fn record<T: DeserializeOwned>(
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
pub(super) fn count(connection: &Connection, sql: &str, params: impl Params) -> Result<u64, StoreError> {
    let count: i64 = connection.prepare_cached(sql)?.query_row(params, |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

pub(super) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}
