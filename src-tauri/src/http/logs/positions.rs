//! The positions up to which each replica's output has been read, as a cursor.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use domain::id::ReplicaId;
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::api::RecordKind;

/// The position up to which each replica's output has been read. As a cursor: `REPLICA:POSITION`, with commas between
/// them; of what is kept of requests `requests:POSITION` or `predictions:POSITION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Positions(HashMap<String, u64>);

impl Positions {
    /// The position up to which the records of requests have been read.
    pub(super) fn of_records(kind: RecordKind, position: u64) -> Self {
        Self([(records(kind).to_owned(), position)].into())
    }

    /// That position; none for a cursor of something else.
    pub(super) fn in_records(&self, kind: RecordKind) -> Option<u64> {
        self.0.get(records(kind)).copied()
    }

    /// Notes how far a replica's output has been read.
    pub(super) fn note(&mut self, replica: &ReplicaId, position: u64) {
        self.0.insert(replica.as_str().to_owned(), position);
    }

    /// How far a replica's output has been read.
    pub(super) fn of(&self, replica: &ReplicaId) -> Option<u64> {
        self.0.get(replica.as_str()).copied()
    }

    /// Forgets a replica of which nothing more will come.
    pub(super) fn forget(&mut self, replica: &ReplicaId) {
        self.0.remove(replica.as_str());
    }

    /// The replicas that have been read.
    pub(super) fn replicas(&self) -> impl Iterator<Item = ReplicaId> {
        self.0.keys().filter_map(|replica| replica.parse().ok())
    }
}

fn records(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Requests => "requests",
        RecordKind::Predictions => "predictions",
    }
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<_> = self.0.iter().map(|(replica, position)| format!("{replica}:{position}")).collect();
        parts.sort();
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Positions {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Not every line carries a time, so nobody can say which were written after one.
        let wrong = "send a cursor of an earlier answer; lines need carry no time, so they cannot be asked for by time";
        let part = |part: &str| {
            let (replica, position) = part.split_once(':')?;
            Some((replica.parse::<ReplicaId>().ok()?.into(), position.parse().ok()?))
        };
        let parts = text.split(',').filter(|text| !text.is_empty()).map(part);
        parts.collect::<Option<_>>().map(Self).ok_or(wrong)
    }
}

impl<'de> Deserialize<'de> for Positions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_read_back_as_they_were_written() {
        for text in ["", "r1:7", "r1:7,r2:0"] {
            assert_eq!(text.parse::<Positions>().unwrap().to_string(), text);
        }
        for wrong in ["r1", "r1:x", "r1:-1", "../x:1", "2026-01-01T00:00:00Z", "r1:1;r2:2"] {
            assert!(wrong.parse::<Positions>().is_err(), "{wrong}");
        }
    }
}
