//! The covered tables as they were when entries were archived: the fold of the journal begins here.
//!
//! A row is kept as a JSON array of its columns. The whole is summed up beside the place of the last archived entry.

use domain::chain::Link;
use domain::id::Seq;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::COVERED;
use super::rows::execute;
use crate::store::StoreError;

pub(in crate::store) const TABLE: &str = "
CREATE TABLE base (
    place INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    row   TEXT NOT NULL
);
CREATE TABLE archived (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL,
    base TEXT NOT NULL
);
";

/// The place of the last entry that is in an archive.
pub(in crate::store) fn archived(connection: &Connection) -> Result<Option<Link>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT seq, hash FROM archived")?;
    let found = statement.query_row([], |row| Ok(Link { seq: Seq(row.get::<_, i64>(0)? as u64), hash: row.get(1)? }));
    Ok(found.optional()?)
}

/// Keeps the covered tables as they are now, as what they were behind `archived`.
pub(in crate::store) fn keep(connection: &Connection, archived: &Link) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM base", [])?;
    for (table, _) in COVERED {
        for row in rows(connection, table)? {
            execute(connection, "INSERT INTO base (name, row) VALUES (?, ?)", params![table, row])?;
        }
    }
    execute(
        connection,
        "INSERT OR REPLACE INTO archived (one, seq, hash, base) VALUES (1, ?, ?, ?)",
        params![archived.seq.0 as i64, archived.hash, sum(connection)?],
    )
}

/// Lays what is kept in `from` into the tables of `to`, which are empty.
pub(in crate::store) fn lay(from: &Connection, to: &Connection) -> Result<(), StoreError> {
    let corrupt = |error: &dyn ToString| StoreError::corrupt("base", error.to_string());
    let mut statement = from.prepare("SELECT name, row FROM base ORDER BY place")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, text): (String, String) = (row.get(0)?, row.get(1)?);
        let (table, _) =
            COVERED.iter().find(|(table, _)| *table == name).ok_or_else(|| corrupt(&"an unknown table"))?;
        let columns: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(|error| corrupt(&error))?;
        let values = columns.iter().map(|column| match column {
            serde_json::Value::String(text) => Value::Text(text.clone()),
            serde_json::Value::Number(number) => number.as_i64().map_or(Value::Null, Value::Integer),
            _ => Value::Null,
        });
        let places = vec!["?"; columns.len()].join(", ");
        to.prepare_cached(&format!("INSERT INTO {table} VALUES ({places})"))?.execute(params_from_iter(values))?;
    }
    Ok(())
}

/// Makes of a row's columns those of the next version. A record is the object that it holds.
pub(in crate::store) type RowUpgrade = fn(&mut Vec<serde_json::Value>);

/// Changes each row of `table` that is kept here, and sums up anew. A base that was tampered with stays as it is, so that
/// the check of the history says so.
pub(in crate::store) fn bring_up_to_date(
    connection: &Connection,
    table: &str,
    change: RowUpgrade,
) -> Result<(), StoreError> {
    if !is_intact(connection)? {
        return Ok(());
    }
    let corrupt = |error: serde_json::Error| StoreError::corrupt("base", error);
    let mut statement = connection.prepare("SELECT place, row FROM base WHERE name = ?")?;
    let rows = statement.query_map([table], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for (place, text) in rows.collect::<Result<Vec<_>, _>>()? {
        let mut columns: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(corrupt)?;
        for column in &mut columns {
            let record = column.as_str().filter(|text| text.starts_with('{'));
            if let Some(record) = record.map(serde_json::from_str).transpose().map_err(corrupt)? {
                *column = record;
            }
        }
        change(&mut columns);
        for column in columns.iter_mut().filter(|column| column.is_object()) {
            *column = column.to_string().into();
        }
        let row = serde_json::Value::Array(columns).to_string();
        execute(connection, "UPDATE base SET row = ? WHERE place = ?", params![row, place])?;
    }
    execute(connection, "UPDATE archived SET base = ?", [sum(connection)?])
}

/// True when the base has its sum.
pub(in crate::store) fn is_intact(connection: &Connection) -> Result<bool, StoreError> {
    let kept: Option<String> = connection.query_row("SELECT base FROM archived", [], |row| row.get(0)).optional()?;
    let rows: i64 = connection.query_row("SELECT count(*) FROM base", [], |row| row.get(0))?;
    match kept {
        Some(kept) => Ok(kept == sum(connection)?),
        None => Ok(rows == 0),
    }
}

/// Gives rollouts that were archived before a rollout's record held its change the fields of that. Their configuration is
/// the one of the revision that they brought; where that was removed since, it is not known any more.
pub(in crate::store) fn tell_changes(connection: &Connection) -> Result<(), StoreError> {
    let is_intact = is_intact(connection)?;
    let sql = "UPDATE base SET row = json_replace(row, '$[2]', json_set(json_remove(row ->> '$[2]', '$.kind'),
                   '$.purpose', coalesce((row ->> '$[2]') ->> '$.kind', 'update'), '$.scale', NULL,
                   '$.configuration', coalesce(
                       (SELECT (brought.row ->> '$[2]') ->> '$.configuration' FROM base brought
                        WHERE brought.name = 'revisions' AND brought.row ->> '$[0]' = base.row ->> '$[0]'
                          AND (brought.row ->> '$[2]') ->> '$.rollout' = base.row ->> '$[1]'), 'unknown')) || '')
               WHERE name = 'rollouts' AND (row ->> '$[2]') ->> '$.configuration' IS NULL";
    execute(connection, sql, [])?;
    // What was changed by somebody else stays so.
    if is_intact { execute(connection, "UPDATE archived SET base = ?", [sum(connection)?]) } else { Ok(()) }
}

/// Gives deployments that were archived before there were grants those that they have: whoever made them is the local
/// person, who owns them, and everyone is a user of them.
pub(in crate::store) fn grant_to_the_local_person(connection: &Connection) -> Result<(), StoreError> {
    let is_intact = is_intact(connection)?;
    let granted = "json_object('role', ?1, 'by', (row ->> '$[2]') ->> '$.created_by',
                               'at', (row ->> '$[2]') ->> '$.created_at')";
    for (principal, role) in [("everyone", "user"), ("local", "owner")] {
        let sql = format!(
            "UPDATE base SET row = json_replace(row, '$[2]', json_set(row ->> '$[2]', '$.access.{principal}', {granted}) || '')
             WHERE name = 'deployments'"
        );
        let with_access =
            "UPDATE base SET row = json_replace(row, '$[2]', json_insert(row ->> '$[2]', '$.access', json('{}')) || '')
                           WHERE name = 'deployments'";
        execute(connection, with_access, [])?;
        execute(connection, &sql, [role])?;
        let sql = format!(
            "INSERT INTO base (name, row)
             SELECT 'grants', json_array(?2, row ->> '$[0]', {granted} || '') FROM base WHERE name = 'deployments'"
        );
        execute(connection, &sql, [role, principal])?;
    }
    // What was changed by somebody else stays so.
    if is_intact { execute(connection, "UPDATE archived SET base = ?", [sum(connection)?]) } else { Ok(()) }
}

/// The sum of the base.
pub(in crate::store) fn sum(connection: &Connection) -> Result<String, StoreError> {
    let mut sha = Sha256::new();
    let mut statement = connection.prepare("SELECT name, row FROM base ORDER BY place")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..2 {
            sha.update(row.get_ref(column)?.as_bytes().unwrap_or_default());
            sha.update([0]);
        }
    }
    Ok(hex::encode(sha.finalize()))
}

/// The rows of a covered table in their order, each as a JSON array of its columns.
pub(in crate::store) fn rows(connection: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
    let count = statement.column_count();
    let mut rows = statement.query([])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Vec::with_capacity(count);
        for column in 0..count {
            columns.push(match row.get_ref(column)? {
                ValueRef::Null => serde_json::Value::Null,
                ValueRef::Integer(number) => json!(number),
                ValueRef::Real(number) => json!(number),
                // Bytes that are no text are told apart from any text by the form.
                ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or_else(|_| json!([bytes]), |text| json!(text)),
                ValueRef::Blob(bytes) => json!({ "blob": bytes }),
            });
        }
        texts.push(serde_json::Value::Array(columns).to_string());
    }
    Ok(texts)
}
