//! Repair of damaged tables from the journal.

use std::path::Path;

use domain::chain::Link;
use domain::event::Event;
use domain::id::Actor;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::tables::{base, journal};
use super::{DATABASE, StoreError, files, head, schema, tables};

/// True when the journal lacks the sealed entry.
pub(super) fn is_behind(connection: &Connection, sealed: &Link) -> bool {
    // In an archive, the place of its last entry tells of all before.
    let archived = base::archived(connection).ok().flatten().is_some_and(|archived| archived.seq >= sealed.seq);
    // One whose hash was changed is found by the check of the chain: it is there.
    let noted = journal::noted(connection).ok().flatten().is_some_and(|noted| noted.seq >= sealed.seq);
    let kept = journal::place(connection, sealed.seq).ok().flatten().is_some_and(|kept| kept == *sealed);
    !(archived || noted || kept)
}

/// True when the journal has another entry in the place of the sealed one.
pub(super) fn differs(connection: &Connection, sealed: &Link) -> bool {
    journal::place(connection, sealed.seq).ok().flatten().is_some_and(|kept| kept != *sealed)
}

/// Opens the database to be written and brings it to the current schema, with all that belongs to that.
pub(super) fn open(dir: &Path) -> Result<Connection, StoreError> {
    let mut connection = files::open(dir)?;
    if schema::migrate(&mut connection)? {
        after_upgrade(&mut connection);
    }
    Ok(connection)
}

/// Brings a copy that nobody uses to the current schema.
///
/// # Errors
/// Those of SQLite.
pub fn upgrade_copy(dir: &Path) -> Result<(), StoreError> {
    if files::is_older(dir)? {
        // It stays a single file.
        open(dir)?.pragma_update(None, "journal_mode", "DELETE")?;
    }
    Ok(())
}

/// Folds the tables again after an upgrade: their records hold what this version puts there. Where the journal is damaged
/// they stay as they are, and the check of the history says so.
fn after_upgrade(connection: &mut Connection) {
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
/// `accept_loss` a journal that has lost its end, or the sealed head, goes on from what is left, which is entered in it.
///
/// # Errors
/// Nothing has changed then: the journal itself is damaged, has lost its end and nobody said that it may, or those of
/// SQLite.
pub fn repair(dir: &Path, accept_loss: bool, actor: &Actor, now: Timestamp) -> Result<Link, StoreError> {
    let mut connection = open(dir)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sealed = match head::read(dir) {
        Err(StoreError::Head { .. }) if accept_loss => None,
        sealed => sealed?,
    };
    let end = journal::end(&tx)?;
    let noted = journal::noted(&tx)?.filter(|noted| noted.seq > end.seq).map(|noted| (noted, dir.join(DATABASE)));
    let behind = sealed.clone().filter(|sealed| is_behind(&tx, sealed)).map(|sealed| (sealed, head::path(dir)));
    let lost = behind.or(noted);
    if let Some((Link { seq: written, .. }, note)) = lost.clone().filter(|_| !accept_loss) {
        return Err(StoreError::Behind { found: end.seq, written, note });
    }
    let other = sealed.filter(|sealed| differs(&tx, sealed));
    // Without anybody's leave, the sealed head stays as the only evidence.
    let seals = accept_loss || other.is_none();
    // An index that is damaged shows the fold other rows than there are.
    tx.execute_batch("REINDEX")?;
    schema::rebuild(&tx)?;
    if accept_loss {
        journal::note(&tx, &end)?;
    }
    if let Some(Link { seq, hash }) = lost.map(|(lost, _)| lost).or(other).filter(|_| accept_loss) {
        let now = journal::newest_at(&tx)?.map_or(now, |newest| newest.max(now));
        let recorded = journal::append(&tx, actor, now, None, Event::EntriesLost { last: seq, hash })?;
        tables::apply(&tx, &recorded.entry)?;
    }
    let head = journal::head(&tx)?;
    tx.commit()?;
    files::checkpoint(&connection)?;
    if seals {
        head::write(dir, &head)?;
    }
    Ok(head)
}
