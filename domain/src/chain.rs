//! The chain of the journal (CO-8): every entry carries a hash over itself and the hash of the entry before it.
//!
//! The server checks its journal with it, and the command line an export or an archive.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::canonical;
use crate::id::Seq;

/// The hash that stands before the first entry.
pub const GENESIS: &str = "changeover";

/// The findings of a check of the journal and of everything made from it (CO-8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// True when every entry is as it was written, and every table as the entries say.
    pub intact: bool,
    /// Entries that were checked.
    pub entries: u64,
    /// The first entry that is not as it was written, or that is missing; none where the fault is elsewhere.
    pub first_broken: Option<Seq>,
    /// A sentence that says what is wrong, and what to do.
    pub problem: Option<String>,
    /// Hash of the last entry; kept elsewhere, it shows entries that were cut off at the end.
    pub head: Option<String>,
    /// The last entry that was moved to an archive; the first one here follows it.
    #[serde(default)]
    pub archived: Option<Seq>,
}

/// A place in the chain: an entry's number and its hash. Kept elsewhere, it shows entries that were cut off behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The entry's number; 0 is the place before the first one.
    pub seq: Seq,
    /// The entry's hash.
    pub hash: String,
}

impl Link {
    /// The place before the first entry.
    pub fn genesis() -> Self {
        Self { seq: Seq(0), hash: GENESIS.to_owned() }
    }
}

/// An entry as it was written, text by text.
#[derive(Clone, Copy, Debug)]
pub struct WrittenEntry<'a> {
    /// Its number.
    pub seq: u64,
    /// The time of the entry.
    pub at: &'a str,
    /// The actor.
    pub actor: &'a str,
    /// The deployment that it is about.
    pub deployment: Option<&'a str>,
    /// The word that entries are looked up by: a copy of the one inside `event`.
    pub kind: &'a str,
    /// The event, as canonical JSON.
    pub event: &'a str,
    /// The hash that stands beside it.
    pub hash: &'a str,
}

impl WrittenEntry<'_> {
    /// The hash that it has behind an entry whose hash is `before`. `kind` is covered as a part of `event`.
    pub fn hash_after(&self, before: &str) -> String {
        let head = json!([before, self.seq, self.at, self.actor, self.deployment]);
        let mut sha = Sha256::new();
        sha.update(canonical::text(&head));
        sha.update(self.event);
        hex::encode(sha.finalize())
    }
}

/// The reasons for which an entry is not the next one of the chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry before it is missing.
    #[error("entry {0} is missing")]
    Missing(Seq),
    /// The entry, or its hash, was changed.
    #[error("entry {0} is not as it was written: its hash does not fit")]
    Changed(Seq),
    /// The journal ends before it, though it and all up to `last` had been written.
    #[error("the entries from {first} to {last} had been written and were cut off")]
    CutOff {
        /// The first one that is missing.
        first: Seq,
        /// The last one that had been written.
        last: Seq,
    },
    /// The entry would not be found under the word that it was written with.
    #[error("entry {0} is not as it was written: its kind is not the one of its event")]
    Kind(Seq),
}

impl BrokenChain {
    /// The entry that is missing or not as it was written.
    pub fn seq(&self) -> Seq {
        match self {
            Self::Missing(seq) | Self::Changed(seq) | Self::Kind(seq) | Self::CutOff { first: seq, .. } => *seq,
        }
    }
}

/// Checks that `written` is the entry behind `before`; its own place in the chain.
///
/// # Errors
/// [`BrokenChain`].
pub fn follow(before: &Link, written: &WrittenEntry<'_>) -> Result<Link, BrokenChain> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let seq = before.seq.next();
    if written.seq != seq.0 {
        return Err(BrokenChain::Missing(seq));
    }
    if written.hash_after(&before.hash) != written.hash {
        return Err(BrokenChain::Changed(seq));
    }
    let kind = serde_json::from_str::<Kind>(written.event).map(|event| event.kind);
    if kind.as_deref().ok() != Some(written.kind) {
        return Err(BrokenChain::Kind(seq));
    }
    Ok(Link { seq, hash: written.hash.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: WrittenEntry<'static> = WrittenEntry {
        seq: 1,
        at: "1970-01-01T00:00:00Z",
        actor: "ada",
        deployment: Some("id-a"),
        kind: "deactivated",
        event: r#"{"kind":"deactivated","note":null}"#,
        hash: "2b9d",
    };

    #[test]
    fn whatever_is_changed_is_found() {
        let hash = FIRST.hash_after(GENESIS);
        let written = WrittenEntry { hash: &hash, ..FIRST };
        let genesis = Link::genesis();
        assert_eq!(follow(&genesis, &written), Ok(Link { seq: Seq(1), hash: hash.clone() }));
        let changed = [
            (WrittenEntry { at: "1970-01-01T00:00:01Z", ..written }, BrokenChain::Changed(Seq(1))),
            (WrittenEntry { actor: "eve", ..written }, BrokenChain::Changed(Seq(1))),
            (WrittenEntry { deployment: None, ..written }, BrokenChain::Changed(Seq(1))),
            (WrittenEntry { event: r#"{"kind":"deactivated","note":""}"#, ..written }, BrokenChain::Changed(Seq(1))),
            (WrittenEntry { kind: "deploymentdeleted", ..written }, BrokenChain::Kind(Seq(1))),
            (WrittenEntry { hash: "", ..written }, BrokenChain::Changed(Seq(1))),
            (WrittenEntry { seq: 2, ..written }, BrokenChain::Missing(Seq(1))),
        ];
        for (changed, broken) in changed {
            assert_eq!(follow(&genesis, &changed), Err(broken), "{changed:?}");
        }
        let elsewhere = Link { seq: Seq(0), hash: "another".to_owned() };
        assert_eq!(follow(&elsewhere, &written), Err(BrokenChain::Changed(Seq(1))));
    }

    #[test]
    fn the_hash_of_an_entry_never_changes() {
        // Journals that lie on disks hold hashes made this way.
        assert_eq!(FIRST.hash_after(GENESIS).len(), 64);
        let text = r#"["changeover",1,"1970-01-01T00:00:00Z","ada","id-a"]{"kind":"deactivated","note":null}"#;
        assert_eq!(FIRST.hash_after(GENESIS), hex::encode(Sha256::digest(text)));
    }
}
