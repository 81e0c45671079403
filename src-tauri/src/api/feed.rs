//! Every entry after a place in the journal, once and in order: first from the journal, then as it is committed.
//!
//! # Guarantees
//!
//! - No entry that the reader may see is left out, none that they may not see is shown, and none comes twice.
//! - A reader that is too far behind gets one [`FeedItem::Resync`] instead: it must read afresh, and goes on from
//!   there.
//! - Of notices it learns that there are others, and not which.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::id::{DeploymentId, Seq, StreamName};
use domain::wire::{HistoryEntry, Traffic};
use domain::words::OpenWord;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::ApiFor;
use super::sign_in::Stay;
use super::views::{EntryShown, Sight, Views, entry, written};
use super::watched::{LookedAt, Watched};
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
    /// Notices of somebody have changed, perhaps of the reader.
    Notices,
    /// The recent requests of deployments that the reader looks at, where they have changed.
    Traffic(BTreeMap<DeploymentId, Traffic>),
}

/// A reader of the journal.
pub(crate) struct Feed {
    api: ApiFor,
    live: broadcast::Receiver<Arc<Recorded>>,
    notices: watch::Receiver<u64>,
    /// The last entry that was looked at.
    seen: Seq,
    ready: VecDeque<FeedItem>,
    /// The part of the journal that the reader may see; none before it was read, and since somebody's rights changed.
    sight: Option<Sight>,
    stay: Stay,
    /// The deployments that the reader looks at; none where the stream has no name.
    watched: Option<Watched>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// Reads on after `after`, or from now on. Under a name it can be asked to tell of requests too ([`watch`](ApiFor::watch)).
    pub(crate) async fn open(api: ApiFor, after: Option<Seq>, name: Option<StreamName>) -> Result<Self, Refusal> {
        let place = api.stream()?;
        // Listening begins before the journal is read, so that nothing falls in between.
        let live = api.api.store.events().subscribe();
        let notices = api.api.store.events().subscribe_to_notices();
        let stay = Stay::of(&api);
        let watched =
            name.map(|name| Watched::open(Arc::clone(&api.api.named_streams), (api.caller.actor.clone(), name)));
        let ready = VecDeque::new();
        let mut feed = Self { api, live, notices, seen: Seq(0), ready, sight: None, stay, watched, _place: place };
        feed.catch_up(after).await?;
        Ok(feed)
    }

    /// The last entry that was given out, or is not shown to this reader.
    pub(crate) fn seen(&self) -> Seq {
        self.seen
    }

    /// How often notices have changed since the server started.
    pub(crate) fn notices(&self) -> u64 {
        *self.notices.borrow()
    }

    /// The next piece. None when the server stops, the reader is not let in any more, or the journal cannot be read.
    pub(crate) async fn next(&mut self) -> Option<FeedItem> {
        let stopping = self.api.api.stopping.clone();
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let received = tokio::select! {
                received = self.live.recv() => received,
                Ok(()) = self.notices.changed() => return Some(FeedItem::Notices),
                () = Watched::due(&mut self.watched) => {
                    self.look_at_requests().await.ok()?;
                    continue;
                }
                () = stopping.cancelled() => return None,
                () = self.stay.ended() => return None,
            };
            match received {
                Ok(recorded) if recorded.entry.seq <= self.seen => {}
                Ok(recorded) if recorded.entry.seq == self.seen.next() => {
                    self.seen = recorded.entry.seq;
                    self.look_at(vec![entry(&recorded)]).await.ok()?;
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    self.live = self.live.resubscribe();
                    self.catch_up(Some(self.seen)).await.ok()?;
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Makes ready what has changed of the requests that the reader looks at.
    async fn look_at_requests(&mut self) -> Result<(), Refusal> {
        let Some(watched) = &mut self.watched else { return Ok(()) };
        let looked_at = watched.wanted();
        let seen = self.api.read(move |views| views.traffic(&looked_at)).await?;
        let news = watched.news(seen);
        if !news.is_empty() {
            self.ready.push_back(FeedItem::Traffic(news));
        }
        Ok(())
    }

    /// The next piece that can be had without waiting for something to happen.
    pub(crate) async fn at_hand(&mut self) -> Option<FeedItem> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let recorded = self.live.try_recv().ok()?;
            if recorded.entry.seq == self.seen.next() {
                self.seen = recorded.entry.seq;
                self.look_at(vec![entry(&recorded)]).await.ok()?;
            }
        }
    }

    async fn catch_up(&mut self, after: Option<Seq>) -> Result<(), Refusal> {
        let (last, missed) = self
            .api
            .read(move |views| {
                let reading = &views.moment().reading;
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
            Some(missed) => self.look_at(missed.iter().map(written).collect()).await?,
            None => self.ready.push_back(FeedItem::Resync(last)),
        }
        Ok(())
    }

    /// Makes ready what the reader is shown of `entries`. Where rights may have changed by one of them, a reader who does
    /// not see everything reads afresh: what they see may be more or less from there on.
    async fn look_at(&mut self, entries: Vec<HistoryEntry>) -> Result<(), Refusal> {
        let sight = self.sight.take();
        if let (Some(sight), [entry]) = (&sight, entries.as_slice())
            && sight.sees_all()
            && !changes_rights(entry)
        {
            self.ready.extend(entries.into_iter().map(|entry| FeedItem::Change(Box::new(entry))));
            self.sight = Some(sight.clone());
            return Ok(());
        }
        let shown = move |views: &Views<'_>| {
            let mut sight = match sight {
                Some(sight) => sight,
                None => views.sight()?,
            };
            let mut ready = VecDeque::new();
            for entry in entries {
                if changes_rights(&entry) {
                    sight = views.sight()?;
                    if !sight.sees_all() {
                        ready.push_back(FeedItem::Resync(entry.seq));
                    }
                }
                match views.shows(&mut sight, entry.deployment.as_ref(), &entry.kind, &entry.actor)? {
                    EntryShown::Whole => ready.push_back(FeedItem::Change(Box::new(entry))),
                    EntryShown::Unsaid => ready.push_back(FeedItem::Resync(entry.seq)),
                    EntryShown::Nothing => {}
                }
            }
            Ok((sight, ready))
        };
        let (sight, ready) = self.api.read(shown).await?;
        self.sight = Some(sight);
        self.ready.extend(ready);
        Ok(())
    }
}

impl ApiFor {
    /// Says which deployments the caller's stream of this name is to tell of.
    ///
    /// # Errors
    /// `invalid_field` for too many, `not_found` when no such stream of theirs is open.
    pub(crate) fn watch(&self, stream: StreamName, looked_at: LookedAt) -> Result<(), Refusal> {
        self.api.named_streams.watch(&(self.caller.actor.clone(), stream), looked_at)
    }
}

fn changes_rights(entry: &HistoryEntry) -> bool {
    matches!(entry.kind, OpenWord::Known(kind) if kind.changes_rights())
}
