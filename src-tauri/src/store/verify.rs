//! The check of everything that is kept: the pages of the file, the chain of the journal and its head, every table as
//! the journal says, and the rows that the journal does not cover.

use domain::chain::{Link, Verification, follow};
use domain::plan_hashes::PlanHashes;
use rusqlite::Connection;

use super::tables::{COVERED, base, beside, idempotency, journal, secrets};
use super::{Reading, StoreError, files, head, schema};

/// The first fault, with its entry where it is one of the journal.
enum Fault {
    Entry(domain::chain::BrokenChain),
    Elsewhere(String),
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

const REPAIR: &str = "`changeover repair` makes the tables again from the journal";
const RESTORE: &str = "`changeover restore` brings a backup back";

impl Reading<'_> {
    /// Checks everything, and finds the first thing that is missing or not as it was written.
    ///
    /// # Errors
    /// The database cannot be read for a passing reason. That it is damaged is no error.
    pub fn verify_history(&self) -> Result<Verification, StoreError> {
        let mut found = Verification {
            intact: true,
            entries: 0,
            first_broken: None,
            problem: None,
            head: None,
            archived: base::archived(self.0).ok().flatten().map(|link| link.seq),
        };
        let fault = match chain(self.0, &mut found).and_then(|()| rest(self.0)) {
            Ok(()) => return Ok(found),
            Err(Fault::Store(error @ StoreError::Locked)) => return Err(error),
            Err(Fault::Store(error @ StoreError::Head { .. })) => error.to_string(),
            Err(Fault::Store(error)) => format!("the database is damaged: {error}; {RESTORE}"),
            Err(Fault::Elsewhere(problem)) => problem,
            Err(Fault::Entry(broken)) => {
                found.first_broken = Some(broken.seq());
                broken.to_string()
            }
        };
        Ok(Verification { intact: false, problem: Some(fault), ..found })
    }
}

/// Checks the database in `dir` through a connection of its own.
///
/// # Errors
/// As [`Reading::verify_history`].
pub fn verify(dir: &std::path::Path) -> Result<Verification, StoreError> {
    let checked = files::open_to_read(dir).and_then(|mut connection| {
        let tx = connection.transaction()?;
        Reading(&tx).verify_history()
    });
    match checked {
        Err(error) if !matches!(error, StoreError::Locked) => Ok(Verification {
            intact: false,
            entries: 0,
            first_broken: None,
            problem: Some(format!("the database is damaged: {error}; {RESTORE}")),
            head: None,
            archived: None,
        }),
        checked => checked,
    }
}

/// Follows the chain to its end, and compares that with what is noted of it elsewhere.
fn chain(connection: &Connection, found: &mut Verification) -> Result<(), Fault> {
    let sealed = connection.path().map(std::path::Path::new).and_then(std::path::Path::parent).map(head::read);
    let sealed = sealed.transpose()?.flatten();
    let archived = base::archived(connection)?;
    let mut hashes = PlanHashes::of(archived.is_some());
    let mut place = archived.unwrap_or_else(Link::genesis);
    journal::each(connection, place.seq, schema::LAST, |written| {
        place = follow(&place, &written.link()).map_err(Fault::Entry)?;
        // An entry that this build cannot read is said when the tables are folded.
        if let Ok(recorded) = written.read() {
            let of_entry = |problem| Fault::Elsewhere(format!("entry {}: {problem}", place.seq));
            hashes.enter(&recorded.entry).map_err(of_entry)?;
        }
        found.entries += 1;
        found.head = Some(place.hash.clone());
        if sealed.as_ref().is_some_and(|sealed| sealed.seq == place.seq && sealed.hash != place.hash) {
            let problem = format!("entry {} is not the one whose hash was sealed outside the journal", place.seq);
            return Err(Fault::Elsewhere(problem));
        }
        Ok(())
    })?;
    let newest = sealed.into_iter().chain(journal::noted(connection)?).max_by_key(|link| link.seq);
    match newest {
        Some(newest) if newest.seq > place.seq => {
            Err(Fault::Entry(domain::chain::BrokenChain::CutOff { first: place.seq.next(), last: newest.seq }))
        }
        Some(newest) if newest.seq == place.seq && newest.hash != place.hash => {
            Err(Fault::Elsewhere("the noted number and hash of the newest entry were changed".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Everything but the chain.
fn rest(connection: &Connection) -> Result<(), Fault> {
    let elsewhere = |problem: String| Err(Fault::Elsewhere(problem));
    let pages: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if pages != "ok" {
        return elsewhere(format!("the database file is damaged: {pages}; {RESTORE}"));
    }
    let mut fresh = Connection::open_in_memory()?;
    schema::migrate(&mut fresh)?;
    if objects(connection)? != objects(&fresh)? || schema::version(connection)? != schema::VERSION {
        return elsewhere(format!("the tables, their indices and triggers are not those that belong here; {RESTORE}"));
    }
    if !base::is_intact(connection)? {
        return elsewhere(format!("what the tables held when entries were archived was changed; {RESTORE}"));
    }
    let tx = fresh.transaction()?;
    base::lay(connection, &tx)?;
    schema::fold(connection, &tx, &base::archived(connection)?.unwrap_or_else(Link::genesis), schema::LAST)?;
    for (table, _) in COVERED {
        if values(connection, table)? != values(&tx, table)? {
            return elsewhere(format!("the table {table} is not what the journal says; {REPAIR}"));
        }
    }
    if let Some(deployment) = secrets::changed(connection)? {
        let what = format!("the keys of deployment {deployment} were changed in the database");
        return elsewhere(format!("{what}: make them anew, or revoke its tokens"));
    }
    if let Some(row) = beside::changed(connection)? {
        let what = format!("a row of what is known of people and lets them in was changed in the database: {row}");
        return elsewhere(format!("{what}; {RESTORE}"));
    }
    if !idempotency::is_intact(connection)? {
        return elsewhere(
            "a stored answer (Idempotency-Key) was changed in the database; it is dropped after a day".to_owned(),
        );
    }
    Ok(())
}

/// The rows of a table as values, so that the order of fields in a record does not matter.
fn values(connection: &Connection, table: &str) -> Result<Vec<serde_json::Value>, Fault> {
    let rows = base::rows(connection, table)?;
    let value = |row: &String| {
        let mut value: serde_json::Value = serde_json::from_str(row)?;
        for column in value.as_array_mut().into_iter().flatten() {
            let record = column.as_str().filter(|text| text.starts_with('{'));
            if let Some(record) = record.and_then(|text| serde_json::from_str(text).ok()) {
                *column = record;
            }
        }
        Ok(value)
    };
    let values: Result<_, serde_json::Error> = rows.iter().map(value).collect();
    values.map_err(|error| Fault::Store(StoreError::corrupt("tables", format!("{table}: {error}"))))
}

/// Everything that the schema is made of.
fn objects(connection: &Connection) -> Result<Vec<[Option<String>; 4]>, Fault> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
