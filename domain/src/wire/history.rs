//! The history, and the check of its chain.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deployment::Reason;
use crate::event::EventKind;
use crate::id::{Actor, DeploymentId, ModelRef, RequestId, RevisionNumber, RolloutNumber, Seq};
use crate::principal::PrincipalId;
use crate::receipt::Receipt;
use crate::rollout::{PhaseWord, RolloutKind};
use crate::words::OpenWord;

/// One entry of the history. Events over the subscription have the same form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The actor.
    pub actor: Actor,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// The kind of the event.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: OpenWord<EventKind>,
    /// The event, in a sentence.
    pub summary: String,
    /// All that is recorded of it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub event: Value,
    /// SHA-256 over this entry and the hash of the one before (CO-8).
    pub hash: String,
}

words! {
    /// Whether steps of the engine are wanted.
    #[derive(Default)]
    pub enum EngineSteps {
        /// They are, among the others.
        #[default]
        Shown = "true",
        /// They are not: what people did, and what came of it.
        Hidden = "false",
        /// They alone are.
        Only = "only",
    }
}

words! {
    /// The form in which the history, or a part of it, is exported.
    #[derive(Default)]
    pub enum ExportForm {
        /// One JSON entry a line.
        #[default]
        Lines = "jsonl",
        /// A table for spreadsheets.
        Table = "csv",
    }
}

/// A page of the history. It may hold fewer items than were asked for, also none, and go on all the same: one request looks
/// at so many entries and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryPage<T> {
    /// The items of this page, newest first.
    pub items: Vec<T>,
    /// Send it as `cursor` to go on; `null` when everything was looked at.
    pub next_cursor: Option<String>,
    /// The time of the oldest entry that was looked at; `null` when everything was.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub searched_to: Option<Timestamp>,
    /// The names of the deployments that the items are about, as far as they are known; those included that are gone.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub deployments: BTreeMap<DeploymentId, String>,
}

/// A rollout with what people did in it and what came of it, or an entry that belongs to none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryGroup {
    /// The newest of its entries that is found, by which it has its place in the list.
    pub place: Seq,
    /// The time of that entry.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The rollout; none where the entry belongs to none.
    pub rollout: Option<RolloutTold>,
    /// The entries, newest first; of a rollout without steps of the engine.
    pub entries: Vec<HistoryEntry>,
}

/// A rollout as the history tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutTold {
    /// The number of the rollout.
    pub number: RolloutNumber,
    /// Its purpose.
    pub kind: RolloutKind,
    /// The earlier revision that somebody rolled back to.
    pub rolled_back_to: Option<RevisionNumber>,
    /// The revision that it comes from; none for the first.
    pub from_revision: Option<RevisionNumber>,
    /// The revision that it leads to; none where its start is not kept any more.
    pub to_revision: Option<RevisionNumber>,
    /// The models before, as far as they are known.
    pub models_before: Vec<ModelRef>,
    /// The models that it brings, as far as they are known.
    pub models: Vec<ModelRef>,
    /// The reason, as a word.
    pub reason: Option<Reason>,
    /// A sentence about the reason.
    pub note: Option<String>,
    /// The request that it carries out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub request: Option<RequestId>,
    /// The people whose approval counted.
    pub approvers: Vec<PrincipalId>,
    /// Policies or freezes were overridden for it.
    pub overridden: bool,
    /// The phase that it has come to.
    pub phase: PhaseWord,
    /// The problem, a sentence for people.
    pub problem: Option<String>,
    /// The gateway's count, as far as it was recorded.
    pub receipt: Receipt,
    /// When it began; none where its start is not kept any more.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// Steps of the engine: they are listed by `deployment`, `after` one less than `first`, `cursor` one more than `last`,
    /// and `engine=only`.
    pub steps: u64,
    /// Its oldest entry.
    pub first: Seq,
    /// Its newest entry so far.
    pub last: Seq,
}
