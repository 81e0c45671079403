//! What has become too old goes.

use domain::metrics::{Grain, joined};
use rusqlite::Connection;

use super::error::MetricsError;
use super::rows;

/// How often it is looked for, in seconds of the time that is counted: seconds pile up, the others hardly.
const OFTEN: i64 = 60;
const SELDOM: i64 = 3_600;

/// The times of the last looks.
#[derive(Debug, Default)]
pub(super) struct Forgetting {
    often: Option<i64>,
    seldom: Option<i64>,
}

impl Forgetting {
    /// Removes what is too old at `now` of these deployments, if it is time to look.
    ///
    /// # Errors
    /// Those of SQLite.
    pub(super) fn look(
        &mut self,
        db: &Connection,
        deployments: impl Iterator<Item = i64> + Clone,
        now: i64,
    ) -> Result<(), MetricsError> {
        if is_due(&mut self.often, OFTEN, now) {
            deployments.clone().try_for_each(|number| forget(db, Grain::Second, number, now))?;
        }
        if is_due(&mut self.seldom, SELDOM, now) {
            for grain in [Grain::Minute, Grain::Hour] {
                deployments.clone().try_for_each(|number| forget(db, grain, number, now))?;
            }
            for table in ["kept", "cleared"] {
                db.prepare_cached(&format!("DELETE FROM {table} WHERE until <= ?"))?
                    .execute([Grain::Hour.too_old(now)])?;
            }
            join_spans(db, Grain::Minute, Grain::Second.too_old(now))?;
            join_spans(db, Grain::Hour, Grain::Minute.too_old(now))?;
        }
        Ok(())
    }
}

/// Joins the spans that ended before `until`, where only points of this length are left that could tell them apart.
fn join_spans(db: &Connection, grain: Grain, until: i64) -> Result<(), MetricsError> {
    let mut spans = rows::spans(db, i64::MIN)?;
    spans.retain(|span| span.until <= until);
    let joined = joined(&spans, grain);
    if joined.len() < spans.len() {
        db.prepare_cached("DELETE FROM kept WHERE until <= ?")?.execute([until])?;
        joined.into_iter().try_for_each(|span| rows::put_span(db, span))?;
    }
    Ok(())
}

fn is_due(last: &mut Option<i64>, every: i64, now: i64) -> bool {
    let due = last.is_none_or(|last| now >= last + every);
    if due {
        *last = Some(now);
    }
    due
}

fn forget(db: &Connection, grain: Grain, deployment: i64, now: i64) -> Result<(), MetricsError> {
    let place = [grain.seconds(), deployment, grain.too_old(now)];
    db.prepare_cached("DELETE FROM points WHERE grain = ? AND deployment = ? AND at <= ?")?.execute(place)?;
    // The newest of them holds on.
    db.prepare_cached(
        "DELETE FROM gauges WHERE grain = ?1 AND deployment = ?2 AND at <
             (SELECT max(at) FROM gauges WHERE grain = ?1 AND deployment = ?2 AND at <= ?3)",
    )?
    .execute(place)?;
    Ok(())
}
