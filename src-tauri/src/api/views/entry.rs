//! An entry of the journal as it is shown, in the history and over the subscription.

use domain::wire::HistoryEntry;
use domain::words::OpenWord;
use jiff::Timestamp;
use serde_json::json;

use crate::events::Recorded;
use crate::store::tables::journal::Written;

/// The entry with its event as a word, a sentence and a whole.
pub(in crate::api) fn entry(recorded: &Recorded) -> HistoryEntry {
    let entry = &recorded.entry;
    HistoryEntry {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor.clone(),
        deployment: entry.deployment.clone(),
        kind: entry.event.kind().into(),
        summary: entry.event.summary(),
        event: serde_json::to_value(&entry.event).unwrap_or_default(),
        hash: recorded.hash.clone(),
    }
}

/// The word for an entry that cannot be read.
const UNREADABLE: &str = "unreadable";

/// The entry as it stands in the journal; of a damaged one what can be read, and that it is damaged.
pub(in crate::api) fn written(written: &Written) -> HistoryEntry {
    let problem = match written.read() {
        Ok(recorded) => return entry(&recorded),
        Err(problem) => problem.to_string(),
    };
    HistoryEntry {
        seq: written.seq,
        at: written.at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        actor: written.actor.parse().or_else(|_| UNREADABLE.parse()).unwrap_or_else(|_| unreachable!("it is a name")),
        deployment: written.deployment.as_ref().and_then(|id| id.parse().ok()),
        kind: OpenWord::Other(UNREADABLE.to_owned()),
        summary: format!("This entry is damaged. {problem}"),
        event: json!({"kind": UNREADABLE, "text": written.event}),
        hash: written.hash.clone(),
    }
}
