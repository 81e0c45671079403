//! What has become wrong, and making it right again from the journal.

use std::path::Path;

use domain::chain::Link;
use domain::event::Event;
use domain::id::Actor;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::tables::{base, journal};
use super::{StoreError, files, head, schema, tables};

/// Whether the journal lacks the entry that is known to have been written, or has another one in its place.
pub(super) fn is_behind(connection: &Connection, written: &Link) -> bool {
    // Whether it is in an archive, where the place of its last entry tells of all before.
    let archived = base::archived(connection).ok().flatten().is_some_and(|archived| archived.seq >= written.seq);
    // One whose hash was changed is found by the check of the chain: it is there.
    let noted = journal::noted(connection).ok().flatten().is_some_and(|noted| noted.seq >= written.seq);
    let kept = journal::place(connection, written.seq).ok().flatten().is_some_and(|kept| kept == *written);
    !(archived || noted || kept)
}

/// Folds the tables again after an upgrade: their records hold what this version puts there. Where the journal is damaged
/// they stay as they are, and the check of the history says so.
pub(super) fn after_upgrade(connection: &mut Connection) {
    let folded = fold(connection);
    if let Err(error) = folded {
        tracing::error!(%error, "the tables could not be made again from the journal and stay as they were");
    }
    if let Err(error) = files::compact(connection) {
        tracing::warn!(%error, "what was deleted by an earlier version may still stand in the database's file");
    }
}

fn fold(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::rebuild(&tx)?;
    tx.commit()?;
    Ok(())
}

/// Makes the tables and indices of the database in `dir` again from the journal, also while a server uses it. With
/// `accept_loss` a journal that has lost its end goes on from what is left, which is entered in it.
///
/// # Errors
/// Nothing has changed then: the journal itself is damaged, has lost its end and nobody said that it may, or those of
/// SQLite.
pub fn repair(dir: &Path, accept_loss: bool, actor: &Actor, now: Timestamp) -> Result<Link, StoreError> {
    let mut connection = files::open(dir)?;
    schema::migrate(&mut connection)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let lost = head::read(dir)?.filter(|written| is_behind(&tx, written));
    if let Some(written) = lost.as_ref().filter(|_| !accept_loss) {
        let found = journal::head(&tx)?.seq;
        return Err(StoreError::Behind { found, written: written.seq, note: head::path(dir) });
    }
    // An index that is damaged shows the fold other rows than there are.
    tx.execute_batch("REINDEX")?;
    schema::rebuild(&tx)?;
    if let Some(Link { seq, hash }) = lost {
        let recorded = journal::append(&tx, actor, now, None, Event::EntriesLost { last: seq, hash })?;
        tables::apply(&tx, &recorded.entry)?;
    }
    let head = journal::head(&tx)?;
    tx.commit()?;
    files::checkpoint(&connection)?;
    head::write(dir, &head)?;
    Ok(head)
}
