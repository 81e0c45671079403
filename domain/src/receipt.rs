//! The gateway's count of what happened to requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::RevisionNumber;

/// The gateway's count of what happened to requests (CO-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Requests that got a complete answer from a replica with a status below 500. Those that the gateway itself
    /// refused with such a status (401 without a valid credential, 413, …) and those whose client hung up are in none
    /// of the numbers.
    pub answered: u64,
    /// Requests that got a status of 500 or above, or an answer that was cut.
    pub failed: u64,
    /// Of those that failed, so many had got the beginning of their answer: a stream, say, that a replica broke off or
    /// that was unfinished at the end of the drain.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: u64,
    /// Attempts made again on another replica because the first was provably not reached.
    pub retried: u64,
    /// Requests that a replica finished after it was taken off the route.
    pub drained: u64,
    /// The longest time from taking a replica off the route until it had no request left, in milliseconds.
    pub longest_drain_ms: u64,
}

/// A rollout's receipt: the counts as a whole and by revision (CO-5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// All requests to the deployment, those that no replica saw included.
    #[serde(flatten)]
    pub total: Counts,
    /// Requests by the revision that answered.
    #[serde(deserialize_with = "by_revision")]
    pub by_revision: BTreeMap<RevisionNumber, Counts>,
}

/// Reads the numbers from text, as JSON has them. Inside a tagged [`Event`](crate::event::Event) serde does not do that by itself.
fn by_revision<'de, D: serde::Deserializer<'de>>(input: D) -> Result<BTreeMap<RevisionNumber, Counts>, D::Error> {
    let counts = BTreeMap::<String, Counts>::deserialize(input)?;
    counts.into_iter().map(|(number, counts)| Ok((number.parse().map_err(serde::de::Error::custom)?, counts))).collect()
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            failed: self.failed + other.failed,
            cut: self.cut + other.cut,
            retried: self.retried + other.retried,
            drained: self.drained + other.drained,
            longest_drain_ms: self.longest_drain_ms.max(other.longest_drain_ms),
        }
    }
}

impl Receipt {
    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = Self { total: self.total.plus(other.total), by_revision: self.by_revision.clone() };
        for (revision, counts) in &other.by_revision {
            let entry = sum.by_revision.entry(*revision).or_default();
            *entry = entry.plus(*counts);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::id::RolloutNumber;

    #[test]
    fn a_receipt_reads_back_from_the_journal() {
        let counts = Counts { answered: 3, ..Counts::default() };
        let receipt = Receipt { total: counts, by_revision: BTreeMap::from([(RevisionNumber(2), counts)]) };
        let event = Event::ReceiptClosed { number: RolloutNumber(1), receipt };
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.contains(r#""by_revision":{"2":"#), "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}
