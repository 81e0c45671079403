//! The schema's version, and bringing a database to it.

use rusqlite::{Connection, Transaction};

use super::{StoreError, tables};

/// Each step takes a database from the version that is its place in the list to the next one.
/// Tables that the journal covers may also be dropped, made anew and filled with [`rebuild`].
const MIGRATIONS: &[&[&str]] = &[
    &[
        tables::journal::TABLE,
        tables::models::TABLE,
        tables::deployments::TABLE,
        tables::configurations::TABLE,
        tables::revisions::TABLE,
        tables::rollouts::TABLE,
        tables::steps::TABLE,
        tables::replicas::TABLE,
        tables::idempotency::TABLE,
    ],
    &[tables::secrets::TABLE],
    &[tables::models::DELETED, tables::checks::TABLE],
];

/// Brings the database to the newest version; each step is one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::FromTheFuture { found, known });
    }
    for (version, statements) in MIGRATIONS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        let tx = connection.transaction()?;
        for statement in *statements {
            tx.execute_batch(statement)?;
        }
        tx.pragma_update(None, "user_version", version as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

/// Fills the covered tables again from the journal.
pub(super) fn rebuild(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for table in tables::COVERED {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    tables::journal::each(tx, |entry| tables::apply(tx, &entry))
}
