//! The rows of the database: each query stands here once.

use std::collections::BTreeMap;

use domain::id::{DeploymentId, RevisionNumber, Seq};
use domain::metrics::{ClearedTime, Gauge, Grain, Histogram, KeptSpan, RequestSum};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::MetricsError;

/// The place of a point: its length, deployment, end and revision.
pub(super) type PointKey = (Grain, i64, i64, Option<RevisionNumber>);

/// A revision as a column.
fn column(revision: Option<RevisionNumber>) -> i64 {
    revision.map_or(-1, |revision| revision.0.into())
}

fn sum_of(row: &Row<'_>, failed: usize, durations: usize) -> Result<RequestSum, MetricsError> {
    let durations = Histogram::decode(row.get_ref(durations)?.as_blob().map_err(rusqlite::Error::from)?)?;
    let failed: i64 = row.get(failed)?;
    Ok(RequestSum { failed: failed.unsigned_abs(), durations })
}

/// Every deployment of which something is kept, with its number.
pub(super) fn deployments(db: &Connection) -> Result<BTreeMap<DeploymentId, i64>, MetricsError> {
    let mut statement = db.prepare_cached("SELECT id, number FROM deployments")?;
    let mut rows = statement.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let id = id.parse().map_err(|_| MetricsError::Damaged(format!("{id:?} is no deployment")))?;
        found.insert(id, row.get(1)?);
    }
    Ok(found)
}

/// The number of a deployment; none of one of which nothing is kept.
pub(super) fn number_of(db: &Connection, id: &DeploymentId) -> Result<Option<i64>, MetricsError> {
    let mut statement = db.prepare_cached("SELECT number FROM deployments WHERE id = ?")?;
    Ok(statement.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

/// Gives a deployment a number.
pub(super) fn add_deployment(db: &Connection, id: &DeploymentId) -> Result<i64, MetricsError> {
    db.prepare_cached("INSERT INTO deployments (id) VALUES (?)")?.execute([id.as_str()])?;
    Ok(db.last_insert_rowid())
}

/// Removes everything of a deployment.
pub(super) fn remove_deployment(db: &Connection, number: i64) -> Result<(), MetricsError> {
    for grain in Grain::ALL {
        for table in ["points", "gauges"] {
            let sql = format!("DELETE FROM {table} WHERE grain = ? AND deployment = ?");
            db.prepare_cached(&sql)?.execute([grain.seconds(), number])?;
        }
    }
    db.prepare_cached("DELETE FROM cleared WHERE deployment = ?")?.execute([number])?;
    db.prepare_cached("DELETE FROM deployments WHERE number = ?")?.execute([number])?;
    Ok(())
}

/// Removes the points that end after `after` and not after `until`: those of a revision, or all.
pub(super) fn remove_points(
    db: &Connection,
    grain: Grain,
    deployment: i64,
    after: i64,
    until: i64,
    revision: Option<RevisionNumber>,
) -> Result<(), MetricsError> {
    let sql = "DELETE FROM points WHERE grain = ?1 AND deployment = ?2 AND at > ?3 AND at <= ?4
               AND (?5 IS NULL OR revision = ?5)";
    let revision = revision.map(|revision| i64::from(revision.0));
    db.prepare_cached(sql)?.execute(params![grain.seconds(), deployment, after, until, revision])?;
    Ok(())
}

/// Puts down a time of which everything was cleared.
pub(super) fn put_cleared(db: &Connection, deployment: i64, seq: Seq, time: ClearedTime) -> Result<(), MetricsError> {
    let seq = i64::try_from(seq.0).unwrap_or(i64::MAX);
    let began = time.from.unwrap_or(i64::MIN);
    db.prepare_cached("INSERT OR REPLACE INTO cleared VALUES (?, ?, ?, ?)")?
        .execute([deployment, seq, began, time.to])?;
    Ok(())
}

/// The times of which everything was cleared, as far as they lie between `from` and `to`, in ascending order.
pub(super) fn cleared(db: &Connection, deployment: i64, from: i64, to: i64) -> Result<Vec<(i64, i64)>, MetricsError> {
    let mut statement = db.prepare_cached(
        "SELECT max(began, ?2), min(until, ?3) FROM cleared WHERE deployment = ?1 AND until > ?2 AND began < ?3
         ORDER BY began, until",
    )?;
    let rows = statement.query_map([deployment, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The place in the journal up to which every clearing is carried out.
pub(super) fn carried_out(db: &Connection) -> Result<Seq, MetricsError> {
    let mut statement = db.prepare_cached("SELECT coalesce(max(seq), 0) FROM carried_out")?;
    let seq: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(Seq(seq.unsigned_abs()))
}

/// Notes that every clearing up to this place is carried out.
pub(super) fn note_carried_out(db: &Connection, seq: Seq) -> Result<(), MetricsError> {
    let seq = i64::try_from(seq.0).unwrap_or(i64::MAX);
    db.prepare_cached("DELETE FROM carried_out")?.execute([])?;
    db.prepare_cached("INSERT INTO carried_out VALUES (?)")?.execute([seq])?;
    Ok(())
}

/// Adds requests to a point.
pub(super) fn add_point(db: &Connection, key: PointKey, sum: RequestSum) -> Result<(), MetricsError> {
    let (grain, deployment, at, revision) = key;
    let place = [grain.seconds(), deployment, at, column(revision)];
    let mut there = db.prepare_cached(
        "SELECT failed, durations FROM points WHERE grain = ? AND deployment = ? AND at = ? AND revision = ?",
    )?;
    let mut rows = there.query(place)?;
    let mut whole = rows.next()?.map(|row| sum_of(row, 0, 1)).transpose()?.unwrap_or_default();
    drop(rows);
    whole.add(&sum);
    let [grain, deployment, at, revision] = place;
    let failed = i64::try_from(whole.failed).unwrap_or(i64::MAX);
    db.prepare_cached("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?)")?.execute(params![
        grain,
        deployment,
        at,
        revision,
        failed,
        whole.durations.encode()
    ])?;
    Ok(())
}

/// The points that end after `from` and not after `to`, by their end and revision.
pub(super) fn points(
    db: &Connection,
    grain: Grain,
    deployment: i64,
    from: i64,
    to: i64,
) -> Result<BTreeMap<(i64, Option<RevisionNumber>), RequestSum>, MetricsError> {
    let mut statement = db.prepare_cached(
        "SELECT at, revision, failed, durations FROM points
         WHERE grain = ? AND deployment = ? AND at > ? AND at <= ? ORDER BY at, revision",
    )?;
    let mut rows = statement.query([grain.seconds(), deployment, from, to])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let revision: i64 = row.get(1)?;
        let revision = u32::try_from(revision).ok().map(RevisionNumber);
        found.insert((row.get(0)?, revision), sum_of(row, 2, 3)?);
    }
    Ok(found)
}

/// Puts down what was seen of a deployment from a point on.
pub(super) fn put_gauge(
    db: &Connection,
    grain: Grain,
    deployment: i64,
    at: i64,
    gauge: Gauge,
) -> Result<(), MetricsError> {
    let (ready, waiting) = (i64::from(gauge.ready), i64::from(gauge.waiting));
    db.prepare_cached("INSERT OR REPLACE INTO gauges VALUES (?, ?, ?, ?, ?)")?.execute([
        grain.seconds(),
        deployment,
        at,
        ready,
        waiting,
    ])?;
    Ok(())
}

/// What holds at `from`, and what was put down after it and not after `to`, in ascending order.
pub(super) fn gauges(
    db: &Connection,
    grain: Grain,
    deployment: i64,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, Gauge)>, MetricsError> {
    let mut statement = db.prepare_cached(
        "SELECT at, ready, waiting FROM gauges WHERE grain = ?1 AND deployment = ?2 AND at <= ?4 AND at >= coalesce(
             (SELECT max(at) FROM gauges WHERE grain = ?1 AND deployment = ?2 AND at <= ?3), ?3)
         ORDER BY at",
    )?;
    let rows = statement.query_map([grain.seconds(), deployment, from, to], gauge_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What was put down last.
pub(super) fn newest_gauge(
    db: &Connection,
    grain: Grain,
    deployment: i64,
) -> Result<Option<(i64, Gauge)>, MetricsError> {
    let mut statement = db.prepare_cached(
        "SELECT at, ready, waiting FROM gauges WHERE grain = ? AND deployment = ? ORDER BY at DESC LIMIT 1",
    )?;
    Ok(statement.query_row([grain.seconds(), deployment], gauge_of).optional()?)
}

fn gauge_of(row: &Row<'_>) -> rusqlite::Result<(i64, Gauge)> {
    Ok((row.get(0)?, Gauge { ready: row.get(1)?, waiting: row.get(2)? }))
}

/// Puts down the times at which requests were counted.
pub(super) fn put_span(db: &Connection, span: KeptSpan) -> Result<(), MetricsError> {
    db.prepare_cached("INSERT OR REPLACE INTO kept VALUES (?, ?)")?.execute([span.began, span.until])?;
    Ok(())
}

/// The spans that end after `from`, in ascending order.
pub(super) fn spans(db: &Connection, from: i64) -> Result<Vec<KeptSpan>, MetricsError> {
    let mut statement = db.prepare_cached("SELECT began, until FROM kept WHERE until > ? ORDER BY began")?;
    let rows = statement.query_map([from], |row| Ok(KeptSpan { began: row.get(0)?, until: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The span that ends last.
pub(super) fn last_span(db: &Connection) -> Result<Option<KeptSpan>, MetricsError> {
    let mut statement = db.prepare_cached("SELECT began, until FROM kept ORDER BY until DESC LIMIT 1")?;
    let span = statement.query_row([], |row| Ok(KeptSpan { began: row.get(0)?, until: row.get(1)? }));
    Ok(span.optional()?)
}

/// Takes back what a server whose clock was ahead said of the time after `now`, but for requests: those were counted, and
/// what comes is added to them.
pub(super) fn remove_later(
    db: &Connection,
    deployments: impl Iterator<Item = i64>,
    now: i64,
) -> Result<(), MetricsError> {
    db.prepare_cached("DELETE FROM kept WHERE began >= ?")?.execute([now])?;
    db.prepare_cached("UPDATE kept SET until = ?1 WHERE until > ?1")?.execute([now])?;
    let mut removed = db.prepare_cached("DELETE FROM gauges WHERE grain = ? AND deployment = ? AND at > ?")?;
    for number in deployments {
        for grain in Grain::ALL {
            removed.execute([grain.seconds(), number, grain.end_of(now)])?;
        }
    }
    Ok(())
}
