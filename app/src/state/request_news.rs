//! What others did to change requests, as whoever asked is told of it.

use domain::event::EventKind;
use domain::id::{Actor, RequestId};
use domain::wire::HistoryEntry;

/// Something that somebody else, or the server by itself, did to a change request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestNews {
    /// The request.
    pub(crate) request: RequestId,
    /// The one who did it.
    pub(crate) by: Actor,
}

impl RequestNews {
    /// Those of an entry of the history; none where it is about something else.
    pub(super) fn of(entry: &HistoryEntry) -> Option<Self> {
        use EventKind as Kind;
        let told = [Kind::ChangeEdited, Kind::ChangeReviewed, Kind::ReviewWithdrawn, Kind::ChangeMoved];
        let request = entry.event["id"].as_str().filter(|_| told.into_iter().any(|kind| entry.kind.is(kind)))?;
        Some(Self { request: request.parse().ok()?, by: entry.actor.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_of_a_request_names_it_and_who_did_it() {
        let entry = |kind: &str| -> HistoryEntry {
            let event = serde_json::json!({"kind": kind, "id": "01m8ny511bgs07qtre4yn6zjrj"});
            let entry = serde_json::json!({"seq": 1, "at": "2026-11-30T10:00:00Z", "actor": "changeover",
                "deployment": null, "kind": kind, "summary": "", "event": event, "hash": ""});
            serde_json::from_value(entry).unwrap()
        };
        let news = RequestNews::of(&entry("change_moved")).unwrap();
        assert_eq!((news.request.as_str(), news.by.as_str()), ("01m8ny511bgs07qtre4yn6zjrj", "changeover"));
        // Whoever asks knows it; policies have ids too.
        assert_eq!([entry("change_asked"), entry("policy_changed")].map(|entry| RequestNews::of(&entry)), [None, None]);
    }
}
