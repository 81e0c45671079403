//! Uses of break-glass, which stay open until somebody else has acknowledged them.

use std::collections::BTreeSet;

use domain::event::Event;
use domain::id::{Actor, BreakGlassId, DeploymentId, DeploymentName, FreezeId, PolicyId};
use domain::policy::GatedAction;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::entered::Entered;
use super::rows::{execute, readable, record, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE break_glass (
    id     TEXT PRIMARY KEY,
    open   INTEGER NOT NULL,
    record TEXT NOT NULL
);
";

/// One use of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenGlass {
    /// Names it.
    pub id: BreakGlassId,
    /// The deployment.
    pub deployment: Option<DeploymentId>,
    /// Its name.
    pub name: DeploymentName,
    /// The action that was forbidden.
    pub action: GatedAction,
    /// The person who did it.
    pub by: Actor,
    /// The time of it.
    pub at: Timestamp,
    /// The reason.
    pub reason: String,
    /// The policies that were overridden.
    pub policies: BTreeSet<PolicyId>,
    /// The freezes that were overridden.
    pub freezes: BTreeSet<FreezeId>,
    /// The person who has acknowledged it, and when.
    #[serde(default)]
    pub acknowledged: Option<(Actor, Timestamp)>,
}

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    let entry = entered.entry;
    let broken = match &entry.event {
        Event::GlassBroken { id, action, name, reason, policies, freezes } => Some(BrokenGlass {
            id: id.clone(),
            deployment: entry.deployment.clone(),
            name: name.clone(),
            action: *action,
            by: entry.actor.clone(),
            at: entry.at,
            reason: reason.clone(),
            policies: policies.clone(),
            freezes: freezes.clone(),
            acknowledged: None,
        }),
        Event::GlassAcknowledged { id } => load(connection, id)?
            .map(|broken| BrokenGlass { acknowledged: Some((entry.actor.clone(), entry.at)), ..broken }),
        _ => None,
    };
    let Some(broken) = broken else { return Ok(()) };
    execute(
        connection,
        "INSERT OR REPLACE INTO break_glass (id, open, record) VALUES (?, ?, ?)",
        params![broken.id.as_str(), broken.acknowledged.is_none(), to_json("break_glass", &broken)?],
    )
}

fn load(connection: &Connection, id: &BreakGlassId) -> Result<Option<BrokenGlass>, StoreError> {
    record(connection, "break_glass", "SELECT record FROM break_glass WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// One use of break-glass.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn broken_glass(&self, id: &BreakGlassId) -> Result<Option<BrokenGlass>, StoreError> {
        load(self.0, id)
    }

    /// At most `limit` uses of break-glass before `before`, newest first; only open ones, or all.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn all_broken_glass(
        &self,
        open: Option<bool>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<BrokenGlass>, StoreError> {
        let sql = "SELECT record FROM break_glass WHERE (?1 IS NULL OR open = ?1) AND (?2 IS NULL OR id < ?2)
                   ORDER BY id DESC LIMIT ?3";
        readable(self.0, "break_glass", sql, params![open, before, limit])
    }
}
