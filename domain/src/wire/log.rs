//! Lines of replicas' output, and the replicas whose output is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ReplicaId, RevisionNumber};
use crate::replica::ReplicaState;

pub use crate::output::LineLevel;

/// A line of a replica's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// When it was written; `null` where nobody noted that.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub at: Option<Timestamp>,
    /// How serious it is, where the line says so.
    #[serde(default)]
    pub level: Option<LineLevel>,
    /// The replica that wrote it.
    pub replica: ReplicaId,
    /// The revision that the replica ran then.
    #[serde(default)]
    pub revision: Option<RevisionNumber>,
    /// The position of its end in the replica's output. `REPLICA:POSITION`, with commas between several, is a cursor.
    #[serde(default)]
    pub position: u64,
    /// The line.
    pub line: String,
}

/// Lines of output, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPage<T> {
    /// The lines.
    pub items: Vec<T>,
    /// The place behind the last line: send it as `since` to read on.
    pub next_cursor: Option<String>,
    /// The place before the first line: send it as `before` for earlier ones. `null` where there are none.
    #[serde(default)]
    pub earlier_cursor: Option<String>,
}

/// A replica whose output can be read, there or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedReplica {
    /// Which one.
    pub id: ReplicaId,
    /// The revision that it runs, or ran last.
    pub revision: Option<RevisionNumber>,
    /// Since when it is there.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub since: Option<Timestamp>,
    /// Its state; `null` when it has ended.
    pub state: Option<ReplicaState>,
    /// When it was gone; `null` while it is there.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// What is wrong with it, or was when it was told to end.
    pub problem: Option<String>,
}
