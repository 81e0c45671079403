//! Moments at which a server is killed while it does one thing: spread over the time that this takes, and at the
//! entries of the journal that follow.

use std::time::Duration;

use domain::event::Event;
use tokio::time::Instant;

use crate::feed::Feed;

/// A moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// After so many hundredths of the time that the thing takes undisturbed; before it begins where negative.
    Part(i32),
    /// As soon as so many entries are in the journal, from the thing's own first one on.
    Entries(usize),
}

/// One thing that the server does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thing {
    /// The time at which it begins.
    pub(crate) begins: Instant,
    /// The time that it takes undisturbed.
    pub(crate) takes: Duration,
    /// True for its first entry that counts.
    pub(crate) is_first: fn(&Event) -> bool,
}

/// Times that the thing is done undisturbed, of which the shortest counts: what is done first takes longer.
pub(crate) const TRIES: usize = 3;

/// So many moments, spread over a thing, and those at these entries.
pub(crate) fn spread(parts: i32, entries: &[usize]) -> Vec<Moment> {
    let parts = (0..=parts).map(|part| Moment::Part(part * 100 / parts));
    parts.chain(entries.iter().map(|so_many| Moment::Entries(*so_many))).collect()
}

impl Moment {
    /// Returns at this moment of a thing.
    pub(crate) async fn reached(self, thing: Thing, feed: &mut Feed) -> anyhow::Result<()> {
        match self {
            Self::Part(hundredths) => {
                let distance = thing.takes * hundredths.unsigned_abs() / 100;
                let before = thing.begins.checked_sub(distance).filter(|_| hundredths < 0);
                tokio::time::sleep_until(before.unwrap_or(thing.begins + distance)).await;
            }
            Self::Entries(so_many) => {
                thing.seen(feed).await?;
                for _ in 1..so_many {
                    feed.next().await?;
                }
            }
        }
        Ok(())
    }
}

impl Thing {
    /// Returns as soon as its first entry is in the journal.
    pub(crate) async fn seen(self, feed: &mut Feed) -> anyhow::Result<()> {
        while !(self.is_first)(&feed.next().await?) {}
        Ok(())
    }
}
