//! Change requests, with their versions and reviews.

use domain::id::{DeploymentId, DeploymentName, RequestId};
use domain::ledger::{request_after, request_of};
use domain::requested::Requested;
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{any, count, execute, readable, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE change_requests (
    id         TEXT PRIMARY KEY,
    deployment TEXT,
    live       INTEGER NOT NULL,
    record     TEXT NOT NULL
);
CREATE INDEX change_requests_live ON change_requests (deployment) WHERE live = 1;
CREATE INDEX change_requests_deployment ON change_requests (deployment, id);
";

/// Those of one deployment that have not ended, oldest first.
const LIVE_OF: &str = "SELECT record FROM change_requests WHERE live = 1 AND deployment = ? ORDER BY id";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    let Some(id) = request_of(&entered.entry.event) else { return Ok(()) };
    let Some(request) = request_after(load(connection, id)?, entered.entry) else { return Ok(()) };
    execute(
        connection,
        "INSERT OR REPLACE INTO change_requests (id, deployment, live, record) VALUES (?, ?, ?, ?)",
        params![
            request.id.as_str(),
            request.deployment.as_ref().map(DeploymentId::as_str),
            request.state.is_live(),
            to_json("change_requests", &request)?
        ],
    )
}

fn load(connection: &Connection, id: &RequestId) -> Result<Option<Requested>, StoreError> {
    record(connection, "change_requests", "SELECT record FROM change_requests WHERE id = ?", [id.as_str()])
}

impl Reading<'_> {
    /// One request.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn request(&self, id: &RequestId) -> Result<Option<Requested>, StoreError> {
        load(self.0, id)
    }

    /// Every request that has not ended, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn live_requests(&self) -> Result<Vec<Requested>, StoreError> {
        records(self.0, "change_requests", "SELECT record FROM change_requests WHERE live = 1 ORDER BY id", [])
    }

    /// Those of one deployment that have not ended, oldest first.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn live_requests_of(&self, deployment: &DeploymentId) -> Result<Vec<Requested>, StoreError> {
        records(self.0, "change_requests", LIVE_OF, [deployment.as_str()])
    }

    /// True when `judge` says so of one of those of a deployment that have not ended; it is asked no further then.
    ///
    /// # Errors
    /// Those of `judge`, and those of SQLite.
    pub fn any_live_request_of<E: From<StoreError>>(
        &self,
        deployment: &DeploymentId,
        judge: impl FnMut(Requested) -> Result<bool, E>,
    ) -> Result<bool, E> {
        any(self.0, "change_requests", LIVE_OF, [deployment.as_str()], judge)
    }

    /// At most `limit` requests before `before`, newest first: of one deployment or of all, live ones, ended ones or both.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn requests(
        &self,
        deployment: Option<&DeploymentId>,
        live: Option<bool>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Requested>, StoreError> {
        let sql = "SELECT record FROM change_requests
                   WHERE (?1 IS NULL OR deployment = ?1) AND (?2 IS NULL OR live = ?2) AND (?3 IS NULL OR id < ?3)
                   ORDER BY id DESC LIMIT ?4";
        let deployment = deployment.map(DeploymentId::as_str);
        readable(self.0, "change_requests", sql, params![deployment, live, before, limit])
    }

    /// The number of requests that have not ended, of all deployments and of one.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn live_request_counts(&self, deployment: Option<&DeploymentId>) -> Result<(u64, u64), StoreError> {
        let all = count(self.0, "SELECT count(*) FROM change_requests WHERE live = 1", [])?;
        let sql = "SELECT count(*) FROM change_requests WHERE live = 1 AND deployment IS ?";
        Ok((all, count(self.0, sql, [deployment.map(DeploymentId::as_str)])?))
    }

    /// True while somebody asks for a deployment of this name to be made.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn name_is_asked_for(&self, name: &DeploymentName) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM change_requests
                   WHERE live = 1 AND deployment IS NULL AND record ->> '$.current.content.create.name' = ?";
        Ok(count(self.0, sql, [name.as_str()])? > 0)
    }
}
