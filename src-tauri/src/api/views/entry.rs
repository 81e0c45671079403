//! An entry of the journal as it is shown, in the history and over the subscription.

use domain::wire::HistoryEntry;

use crate::events::Recorded;

/// The entry with its event as a word, a sentence and a whole.
pub(in crate::api) fn entry(recorded: &Recorded) -> HistoryEntry {
    let entry = &recorded.entry;
    HistoryEntry {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor.clone(),
        deployment: entry.deployment.clone(),
        kind: entry.event.kind().to_owned(),
        summary: entry.event.summary(),
        event: serde_json::to_value(&entry.event).unwrap_or_default(),
        hash: recorded.hash.clone(),
    }
}
