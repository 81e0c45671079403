//! A long poll for events: those since a sequence number, as one answer.

use std::time::Duration;

use domain::id::Seq;
use domain::wire::HistoryEntry;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Answer, Feed, FeedItem, GAP};
use crate::commands::Refusal;

/// Longest wait in seconds.
const LONGEST: u32 = 30;

/// The events since a sequence number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Happened {
    /// Oldest first; empty when nothing has happened, or too much was missed.
    items: Vec<HistoryEntry>,
    /// To be sent as `after` next time.
    next: Seq,
    /// So much was missed that everything must be read afresh.
    resync: bool,
    /// How often anybody's notices have changed since the server started: read yours again when it is another number.
    notices: u64,
}

/// Answers as soon as something has happened, at the latest after `wait` seconds.
pub(super) async fn answer(mut feed: Feed, wait: u32) -> Result<Answer, Refusal> {
    if wait > LONGEST {
        return Err(Refusal::invalid("wait", format!("wait={wait} is out of range: 0 to {LONGEST} seconds.")));
    }
    let mut piece = feed.at_hand().await;
    if piece.is_none() && wait > 0 {
        piece = tokio::time::timeout(Duration::from_secs(wait.into()), feed.next()).await.ok().flatten();
    }
    let (mut items, mut next, mut resync) = (Vec::new(), feed.seen(), false);
    while let Some(found) = piece {
        match found {
            FeedItem::Change(entry) => {
                next = entry.seq;
                items.push(*entry);
            }
            FeedItem::Resync(seq) => (items, next, resync) = (Vec::new(), seq, true),
            FeedItem::Notices | FeedItem::Traffic(_) => {}
        }
        piece = if (items.len() as u64) < GAP { feed.at_hand().await } else { None };
    }
    Answer::done(&Happened { items, next, resync, notices: feed.notices() })
}
