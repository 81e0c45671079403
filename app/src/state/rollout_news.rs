//! What happens to rollouts, as whoever follows one is told of its end.

use domain::event::EventKind;
use domain::id::{DeploymentId, RolloutNumber};
use domain::wire::HistoryEntry;

/// A rollout that has begun or gone on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RolloutNews {
    /// Its deployment.
    pub(crate) deployment: DeploymentId,
    /// Which one.
    pub(crate) number: RolloutNumber,
    /// It has only just begun, at the word of whoever looks at the page.
    pub(crate) is_own: bool,
}

impl RolloutNews {
    /// Those of an entry of the history; none where it is about something else, or somebody else's begin.
    pub(super) fn of(entry: &HistoryEntry, own: bool) -> Option<Self> {
        let begins = entry.kind.is(EventKind::RolloutStarted);
        let told = if begins { own } else { entry.kind.is(EventKind::RolloutMoved) };
        if !told {
            return None;
        }
        let number = entry.event["number"].as_u64().and_then(|number| u32::try_from(number).ok())?;
        Some(Self { deployment: entry.deployment.clone()?, number: RolloutNumber(number), is_own: begins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ones_own_begin_is_news_and_every_step_on_the_way_to_the_end() {
        let entry = |kind: &str| -> HistoryEntry {
            let entry = serde_json::json!({"seq": 1, "at": "2026-11-30T10:00:00Z", "actor": "changeover",
                "deployment": "d1", "kind": kind, "summary": "", "event": {"kind": kind, "number": 3}, "hash": ""});
            serde_json::from_value(entry).unwrap()
        };
        let told = |kind: &str, own: bool| RolloutNews::of(&entry(kind), own).map(|news| (news.number.0, news.is_own));
        assert_eq!(told("rollout_started", true), Some((3, true)));
        assert_eq!(told("rollout_started", false), None);
        assert_eq!(told("rollout_moved", false), Some((3, false)));
        assert_eq!(told("rollout_moved", true), Some((3, false)));
        assert_eq!(told("step_taken", true), None);
    }
}
