//! Moves old entries of the journal to a file that still verifies. What the tables held behind them stays as the base
//! that the rest of the journal is folded on.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use domain::chain::Link;
use domain::id::Seq;
use rusqlite::TransactionBehavior;

use super::tables::{COVERED, base, journal};
use super::{StoreError, files, repair, schema, transcript};

/// Moves all but the newest `keep` entries of the journal in `dir` to the new file `to`, also while a server uses it;
/// how many, and the place of the last one. None when there are no more than `keep`.
///
/// # Errors
/// Nothing has changed then: the journal or a table is not as it was written, the file is there already or cannot be
/// written, or those of SQLite.
pub fn archive(dir: &Path, to: &Path, keep: u64) -> Result<Option<(u64, Link)>, StoreError> {
    let mut connection = repair::open(dir)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let after = base::archived(&tx)?.unwrap_or_else(Link::genesis);
    let last = Seq(journal::head(&tx)?.seq.0.saturating_sub(keep));
    if last <= after.seq {
        return Ok(None);
    }
    let shown = |tx: &_| COVERED.iter().map(|(table, _)| base::rows(tx, table)).collect::<Result<Vec<_>, _>>();
    let before = shown(&tx)?;
    schema::clear(&tx)?;
    base::lay(&tx, &tx)?;
    let place = schema::fold(&tx, &tx, &after, last)?;
    base::keep(&tx, &place)?;
    schema::fold(&tx, &tx, &place, schema::LAST)?;
    if shown(&tx)? != before {
        return Err(StoreError::corrupt("tables", "they are not what the journal says"));
    }
    write(&tx, to, &after, &place).map_err(|error| error.of(to))?;
    let cut = journal::cut(&tx, last).and_then(|()| Ok(tx.commit()?));
    cut.inspect_err(|_| {
        // Nothing was moved, so the file is only in the way.
        let _ = std::fs::remove_file(to);
    })?;
    if let Err(error) = files::compact(&connection) {
        tracing::warn!(%error, "the room of the archived entries is kept for new ones");
    }
    Ok(Some((place.seq.0 - after.seq.0, place)))
}

enum NotWritten {
    File(io::Error),
    Store(StoreError),
}

impl NotWritten {
    fn of(self, path: &Path) -> StoreError {
        match self {
            Self::File(source) => StoreError::File { path: path.to_owned(), source },
            Self::Store(error) => error,
        }
    }
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes the entries behind `after` up to `head`; a file that is not whole is removed again.
fn write(tx: &rusqlite::Connection, to: &Path, after: &Link, head: &Link) -> Result<(), NotWritten> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(to).map_err(NotWritten::File)?;
    let mut out = BufWriter::new(file);
    let written = journal::each(tx, after.seq, head.seq, |entry| {
        out.write_all(transcript::entry(&entry)?.as_bytes()).map_err(NotWritten::File)
    });
    let written = written.and_then(|()| {
        out.write_all(transcript::end(after, head)?.as_bytes()).map_err(NotWritten::File)?;
        out.into_inner().map_err(|error| NotWritten::File(error.into_error()))?.sync_all().map_err(NotWritten::File)?;
        // Its name, too, is on the disk before the entries go from the journal.
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        files::sync_folder(folder).map_err(NotWritten::File)
    });
    written.inspect_err(|_| {
        let _ = std::fs::remove_file(to);
    })
}
