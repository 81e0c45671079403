//! Every entry after a place in the journal, once and in order: first from the journal, then as it is committed.
//!
//! # Guarantees
//!
//! - No entry is left out and none comes twice.
//! - A reader that is too far behind gets one [`FeedItem::Resync`] instead: it must read afresh, and goes on from
//!   there.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::id::Seq;
use domain::wire::HistoryEntry;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{self, error::RecvError};

use super::ApiFor;
use super::views::{entry, written};
use crate::commands::Refusal;
use crate::events::Recorded;

/// Entries that are made up for; a reader that misses more reads afresh.
pub(crate) const GAP: u64 = 2_000;

/// The answer to a reader.
#[derive(Debug)]
pub(crate) enum FeedItem {
    /// The next entry.
    Change(Box<HistoryEntry>),
    /// Too much was missed; the newest entry is this one.
    Resync(Seq),
}

/// A reader of the journal.
pub(crate) struct Feed {
    api: ApiFor,
    live: broadcast::Receiver<Arc<Recorded>>,
    /// The last entry that was given out or put in `ready`.
    seen: Seq,
    ready: VecDeque<FeedItem>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// Reads on after `after`, or from now on.
    pub(crate) async fn open(api: ApiFor, after: Option<Seq>) -> Result<Self, Refusal> {
        let place = api.stream()?;
        // Listening begins before the journal is read, so that nothing falls in between.
        let live = api.api.store.events().subscribe();
        let mut feed = Self { api, live, seen: Seq(0), ready: VecDeque::new(), _place: place };
        feed.catch_up(after).await?;
        Ok(feed)
    }

    /// The last entry that was given out.
    pub(crate) fn seen(&self) -> Seq {
        self.seen
    }

    /// The next piece. None when the server stops, or the journal cannot be read.
    pub(crate) async fn next(&mut self) -> Option<FeedItem> {
        let stopping = self.api.api.stopping.clone();
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let received = tokio::select! {
                received = self.live.recv() => received,
                () = stopping.cancelled() => return None,
            };
            match received {
                Ok(recorded) if recorded.entry.seq <= self.seen => {}
                Ok(recorded) if recorded.entry.seq == self.seen.next() => {
                    self.seen = recorded.entry.seq;
                    return Some(FeedItem::Change(Box::new(entry(&recorded))));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    self.live = self.live.resubscribe();
                    self.catch_up(Some(self.seen)).await.ok()?;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The entries that can be had without waiting.
    pub(crate) fn at_hand(&mut self) -> Option<FeedItem> {
        if let Some(piece) = self.ready.pop_front() {
            return Some(piece);
        }
        while let Ok(recorded) = self.live.try_recv() {
            if recorded.entry.seq == self.seen.next() {
                self.seen = recorded.entry.seq;
                return Some(FeedItem::Change(Box::new(entry(&recorded))));
            }
        }
        None
    }

    async fn catch_up(&mut self, after: Option<Seq>) -> Result<(), Refusal> {
        let (last, missed) = self
            .api
            .read(move |views| {
                let reading = &views.moment.reading;
                let last = reading.last_seq()?;
                let after = after.unwrap_or(last);
                // A place that is not there yet was given by another journal.
                let near = last.0.checked_sub(after.0).is_some_and(|missed| missed <= GAP);
                let missed = if near { Some(reading.entries_after(after, GAP as u32)?) } else { None };
                Ok((last, missed))
            })
            .await?;
        self.seen = last;
        match missed {
            Some(missed) => {
                self.ready.extend(missed.iter().map(|found| FeedItem::Change(Box::new(written(found)))));
            }
            None => self.ready.push_back(FeedItem::Resync(last)),
        }
        Ok(())
    }
}
