//! Time that the clock has skipped since the start, left out of all that passes judge.

use std::sync::{Mutex, PoisonError};

use domain::plan::Skip;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, ClockReading};

/// So many spans are remembered, newest last. A replica that drains over more of them has had its time.
const MOST: usize = 64;

/// The spans that are left out.
#[derive(Default)]
pub(super) struct Skips(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// The sum of the spans.
    skipped: SignedDuration,
    spans: Vec<Skip>,
}

impl Skips {
    /// The time, and the spans that were skipped up to then. A new span is recorded by `record` before anybody hears of a
    /// time after it; where that fails, the next one to ask tries again.
    pub(super) fn now<E>(
        &self,
        clock: &Clock,
        record: impl FnOnce(Skip) -> Result<(), E>,
    ) -> Result<(Timestamp, Vec<Skip>), E> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ClockReading { now, skipped } = clock.read();
        if skipped > seen.skipped {
            let skip = Skip { since: now - (skipped - seen.skipped), until: now };
            record(skip)?;
            seen.skipped = skipped;
            seen.spans.push(skip);
            let too_many = seen.spans.len().saturating_sub(MOST);
            seen.spans.drain(..too_many);
        }
        Ok((now, seen.spans.clone()))
    }
}
