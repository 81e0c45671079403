//! What the clock has skipped, recorded once: the time for which nobody looked counts for no rollout.

use std::sync::{Mutex, PoisonError};

use domain::plan::Skip;
use jiff::Timestamp;

use crate::clock::Clock;

/// The end of the last span that is recorded.
#[derive(Default)]
pub(super) struct Skips(Mutex<Option<Timestamp>>);

impl Skips {
    /// The time, and the spans that were skipped up to then. Those that are new are recorded by `record` before anybody hears
    /// of a time after them; where that fails, the next one to ask tries again.
    pub(super) fn now<E>(
        &self,
        clock: &Clock,
        record: impl Fn(Skip) -> Result<(), E>,
    ) -> Result<(Timestamp, Vec<Skip>), E> {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock.now();
        let skips = clock.skips();
        for skip in &skips {
            if recorded.is_none_or(|last| skip.until > last) {
                record(*skip)?;
                *recorded = Some(skip.until);
            }
        }
        Ok((now, skips))
    }

    /// The time, up to which everything is recorded in another way.
    pub(super) fn start(&self, clock: &Clock) -> Timestamp {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock.now();
        *recorded = clock.skips().last().map(|skip| skip.until);
        now
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use jiff::SignedDuration;

    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn each_span_is_recorded_once_and_before_the_time_after_it_is_told() {
        let begin: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        let (clock, skips) = (Clock::anchored(begin), Skips::default());
        let recorded = RefCell::new(Vec::new());
        let record = |skip| {
            recorded.borrow_mut().push(skip);
            Ok::<_, &str>(())
        };
        let span = |since, until| Skip { since: begin + since, until: begin + until };
        assert_eq!(skips.now(&clock, record), Ok((begin, Vec::new())));
        clock.skip(HOUR);
        assert_eq!(skips.now(&clock, |_| Err("the disk is full")), Err("the disk is full"));
        clock.skip(HOUR);
        let both = vec![span(SignedDuration::ZERO, HOUR), span(HOUR, HOUR * 2)];
        assert_eq!(skips.now(&clock, record), Ok((begin + HOUR * 2, both.clone())));
        assert_eq!(*recorded.borrow(), both, "also the one that could not be recorded");
        assert_eq!(skips.now(&clock, record), Ok((begin + HOUR * 2, both.clone())));
        assert_eq!(recorded.borrow().len(), 2);

        // A new engine, which records that nobody was there since the last entry.
        let next = Skips::default();
        assert_eq!(next.start(&clock), begin + HOUR * 2);
        assert_eq!(next.now(&clock, record), Ok((begin + HOUR * 2, both)));
        assert_eq!(recorded.borrow().len(), 2);
    }
}
