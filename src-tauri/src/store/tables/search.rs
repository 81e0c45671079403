//! Looks through the journal entry by entry, for as long as whoever asks has time: no search reads everything at once.

use std::ops::ControlFlow;

use domain::event::EventKind;
use domain::id::{Actor, DeploymentId, Seq, UseCaseId};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, params, params_from_iter};

use super::journal::{COLUMNS, Filter, Written};
use super::seen_by::SeenBy;
use crate::store::{Reading, StoreError};

/// A part of the journal, and the direction in which it is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalPart {
    /// Between two entries, neither included, newest first.
    NewestFirst(Seq, Seq),
    /// The same, oldest first.
    OldestFirst(Seq, Seq),
}

/// The entries that fit: all that fit each of these.
#[derive(Clone, Debug, Default)]
pub struct FittingEntries {
    /// As in a list.
    pub filter: Filter,
    /// Only those of this actor.
    pub by: Option<Actor>,
    /// None of the kinds of which every entry is a step of the engine.
    pub without_steps: bool,
}

/// Entries that stand beside one whose time cannot be read, among which another is looked for.
const BESIDE: u32 = 32;

impl FittingEntries {
    /// The condition on an entry, and what it is given beside the numbers that it lies between and the deployment.
    fn condition(&self) -> (String, Vec<Value>) {
        let mut conditions = vec![self.filter.seen_by.as_ref().map_or_else(|| "1".to_owned(), SeenBy::condition)];
        let mut given = Vec::new();
        let mut add = |condition: &str, value: String| {
            given.push(Value::Text(value));
            conditions.push(condition.to_owned());
        };
        if let Some(kind) = &self.filter.kind {
            add("kind = ?", kind.clone());
        }
        if let Some(by) = &self.by {
            add("actor = ?", by.to_string());
        }
        if let Some(use_case) = &self.filter.use_case {
            let linked = "deployment IN (SELECT deployment FROM use_case_links WHERE use_case = ?)";
            add(linked, UseCaseId::as_str(use_case).to_owned());
        }
        if self.without_steps {
            let steps = EventKind::ALL.into_iter().filter(|kind| kind.is_step());
            let steps: Vec<_> = steps.map(|kind| format!("'{kind}'")).collect();
            conditions.push(format!("kind NOT IN ({})", steps.join(", ")));
        }
        (conditions.into_iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" AND "), given)
    }
}

impl Reading<'_> {
    /// Shows `visit` at most `most` entries in order, until it breaks: their numbers, and those that fit as a whole.
    ///
    /// # Errors
    /// Those of SQLite, and of `visit`.
    pub fn look_through<E: From<StoreError>>(
        &self,
        fitting: &FittingEntries,
        part: JournalPart,
        most: u32,
        mut visit: impl FnMut(Seq, Option<Written>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let (after, before, order) = match part {
            JournalPart::NewestFirst(after, before) => (after, before, "DESC"),
            JournalPart::OldestFirst(after, before) => (after, before, "ASC"),
        };
        let (condition, given) = fitting.condition();
        let deployment = fitting.filter.deployment.as_ref().map(DeploymentId::as_str);
        let about = if deployment.is_some() { "AND deployment = ?" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS}, {condition} AS fits FROM journal
             WHERE seq > ? AND seq < ? {about} ORDER BY seq {order} LIMIT ?"
        );
        let number = |seq: Seq| Value::Integer(i64::try_from(seq.0).unwrap_or(i64::MAX));
        let deployment = deployment.map(|id| Value::Text(id.to_owned()));
        let bounds = [number(after), number(before)].into_iter().chain(deployment);
        let values = given.into_iter().chain(bounds).chain([Value::Integer(most.into())]);
        let mut statement = self.0.prepare_cached(&sql).map_err(StoreError::from)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let seq = row.get::<_, i64>(0).map_err(StoreError::from)?;
            // Of a damaged entry a condition may be neither true nor false.
            let fits = row.get::<_, Option<bool>>("fits").map_err(StoreError::from)?.unwrap_or(false);
            let written = if fits { Some(Written::of(row).map_err(StoreError::from)?) } else { None };
            if visit(Seq(seq as u64), written)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The number of the first entry at or after a time; that behind the last one where there is none. Entries stand in the
    /// order of their times, which the server's clock sees to.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn seq_at(&self, at: Timestamp) -> Result<Seq, StoreError> {
        let archived = self.archived()?.map_or(Seq(0), |last| last.seq);
        let (mut low, mut high) = (archived.next().0, self.head()?.seq.next().0);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.time_from(Seq(middle), Seq(high))? {
                Some((seq, time)) if time < at => low = seq.next().0,
                _ => high = middle,
            }
        }
        Ok(Seq(low))
    }

    /// The time of an entry, where it can be read.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn time_of(&self, seq: Seq) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.time_from(seq, seq.next())?.map(|(_, time)| time))
    }

    /// The first entry from `seq` on, before `end`, whose time can be read.
    fn time_from(&self, seq: Seq, end: Seq) -> Result<Option<(Seq, Timestamp)>, StoreError> {
        let sql = "SELECT seq, CAST(at AS BLOB) FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let bounds = params![seq.0 as i64, i64::try_from(end.0).unwrap_or(i64::MAX), BESIDE];
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            let time = row.get::<_, Vec<u8>>(1).ok().and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
            if let Some(time) = time {
                return Ok(Some((Seq(row.get::<_, i64>(0)? as u64), time)));
            }
        }
        Ok(None)
    }

    /// The name of a deployment that is gone, as the journal's first entry about it tells, or its last.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn past_name(&self, deployment: &DeploymentId) -> Result<Option<String>, StoreError> {
        for (order, kind) in [("ASC", "deployment_created"), ("DESC", "deployment_deleted")] {
            let sql = format!(
                "SELECT CASE WHEN kind = ?2 AND json_valid(event) THEN event ->> '$.name' END
                 FROM journal WHERE deployment = ?1 ORDER BY seq {order} LIMIT 1"
            );
            let mut statement = self.0.prepare_cached(&sql)?;
            let name = statement.query_row([deployment.as_str(), kind], |row| row.get::<_, Option<String>>(0));
            if let Some(name) = name.optional()?.flatten() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}
