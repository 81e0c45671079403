//! The schema's version, bringing a database to it, and folding the tables from the journal.

use domain::chain::Link;
use domain::id::Seq;
use rusqlite::{Connection, Transaction};

use super::tables::{base, beside, idempotency, journal, secrets, sign_in_failures};
use super::{StoreError, tables};

/// A step from one version to the next.
enum Step {
    Sql(&'static [&'static str]),
    Code(fn(&Connection) -> Result<(), StoreError>),
    /// An upgrade of this table's rows among those that were kept when entries were archived.
    #[expect(dead_code, reason = "no record has had another form since there are archives")]
    Archived(&'static str, base::RowUpgrade),
}

/// The steps take a database from the version that is their place in the list to the next one. After any of them the
/// tables that the journal covers are folded again: whoever changes what a record of theirs holds adds a step, be it an
/// empty one, so that the rows are those that this version makes. Rows that were kept when entries were archived cannot be
/// folded again: where what a record holds was renamed or moved, [`Step::Archived`] says what they become.
const MIGRATIONS: &[&[Step]] = &[
    &[Step::Sql(&[
        journal::TABLE,
        tables::models::TABLE,
        tables::deployments::TABLE,
        tables::configurations::TABLE,
        tables::revisions::TABLE,
        tables::rollouts::TABLE,
        tables::steps::TABLE,
        tables::replicas::TABLE,
        idempotency::TABLE,
    ])],
    &[Step::Sql(&[secrets::TABLE])],
    &[Step::Sql(&[tables::models::DELETED, tables::checks::TABLE])],
    &[Step::Sql(&[journal::HEAD, base::TABLE, secrets::SUM, idempotency::WITH_SUM]), Step::Code(secrets::sum_up)],
    // Rollouts hold their change.
    &[Step::Code(base::tell_changes)],
    &[Step::Sql(&[idempotency::WITH_CALLER, tables::configurations::WITHOUT_DEPLOYMENT])],
    // Deployments hold the grants of roles on them.
    &[
        Step::Sql(&[tables::principals::TABLE, tables::groups::TABLE, tables::grants::TABLE]),
        Step::Code(base::grant_to_the_local_person),
    ],
    // What is known of people, and what lets them in.
    &[Step::Code(beside::make_of_people), Step::Sql(&[sign_in_failures::TABLE])],
    // Policies, freezes, and what is asked for by them.
    &[Step::Sql(&[
        tables::policies::TABLE,
        tables::freezes::TABLE,
        tables::change_requests::TABLE,
        tables::break_glass::TABLE,
    ])],
    // What people and programs are told of.
    &[Step::Sql(&[tables::notices::TABLE, tables::deliveries::TABLE]), Step::Code(beside::make_of_notices)],
    // Deployments hold the use cases that they are linked to.
    &[Step::Sql(&[tables::use_cases::TABLE, tables::use_case_links::TABLE])],
    // What people have arranged on their pages.
    &[Step::Code(beside::make_of_pages)],
    // Applications of deployments.
    &[Step::Sql(&[tables::applications::TABLE])],
    // Replicas are remembered when they are gone.
    &[Step::Sql(&[tables::replica_pasts::TABLE])],
];

/// The newest version.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// The version of a database.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the database to the newest version, all of it or nothing; says whether it was an older one.
pub(super) fn migrate(connection: &mut Connection) -> Result<bool, StoreError> {
    let (known, found) = (VERSION, version(connection)?);
    if found > known {
        return Err(StoreError::FromTheFuture { found, known });
    }
    if found == known {
        return Ok(false);
    }
    let tx = connection.transaction()?;
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)).flat_map(|steps| steps.iter()) {
        match step {
            Step::Sql(statements) => statements.iter().try_for_each(|sql| tx.execute_batch(sql))?,
            Step::Code(code) => code(&tx)?,
            Step::Archived(table, change) => base::bring_up_to_date(&tx, table, *change)?,
        }
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(found > 0)
}

/// Fills the covered tables again: from what they were when entries were archived, and the journal since. Every entry is
/// checked first: out of a changed one nothing is made.
pub(super) fn rebuild(tx: &Transaction<'_>) -> Result<(), StoreError> {
    clear(tx)?;
    base::lay(tx, tx)?;
    fold(tx, tx, &base::archived(tx)?.unwrap_or_else(Link::genesis), LAST)?;
    Ok(())
}

/// Empties the covered tables.
pub(super) fn clear(tx: &Connection) -> Result<(), StoreError> {
    for (table, _) in tables::COVERED {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}

/// Behind every entry.
pub(super) const LAST: Seq = Seq(i64::MAX as u64);

/// Applies the entries of `from` behind `after`, up to `last`, to the tables of `to`; how far the chain goes.
pub(super) fn fold(from: &Connection, to: &Connection, after: &Link, last: Seq) -> Result<Link, StoreError> {
    let mut place = after.clone();
    journal::each(from, after.seq, last, |written| {
        place =
            domain::chain::follow(&place, &written.link()).map_err(|broken| StoreError::corrupt("journal", broken))?;
        tables::apply(to, &written.read()?.entry)
    })?;
    Ok(place)
}

/// Makes again what cannot be read, if anything cannot; says so in the log.
///
/// # Errors
/// [`StoreError::BeyondRepair`]; nothing has changed then.
pub(super) fn mend(connection: &mut Connection) -> Result<(), StoreError> {
    let Some((table, problem)) = unreadable(connection)? else { return Ok(()) };
    let tx = connection.transaction()?;
    rebuild(&tx).map_err(|error| StoreError::BeyondRepair { table, problem: error.to_string() })?;
    tx.commit()?;
    tracing::error!(table, problem, "a row could not be read: the tables were made again from the journal");
    Ok(())
}

/// The first row of a covered table that cannot be read, by its table, and why.
fn unreadable(connection: &Connection) -> Result<Option<(&'static str, String)>, StoreError> {
    for (table, check) in tables::COVERED {
        let mut statement = connection.prepare(&format!("SELECT record FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = tables::rows::text(table, row.get_ref(0)?).and_then(|text| check(table, text));
            if let Err(error) = read {
                return Ok(Some((table, error.to_string())));
            }
        }
    }
    // What a model version is called, and which file it has, is decided by these columns alone.
    let key = "SELECT count(*) FROM models WHERE name IS NOT record ->> 'name' OR digest IS NOT record ->> 'digest'";
    let changed: i64 = connection.query_row(key, [], |row| row.get(0))?;
    Ok((changed > 0).then(|| ("models", "a name or a digest is not the one of its record".to_owned())))
}
