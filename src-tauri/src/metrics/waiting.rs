//! Seconds that are not written yet, for whoever writes them and for whoever asks.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::gateway::ClosedSecond;

/// So many seconds wait while nothing can be written. What comes then takes the place of the oldest.
pub(super) const MOST: usize = 300;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<State>);

/// What waits at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Oldest first.
    pub(super) seconds: VecDeque<Arc<ClosedSecond>>,
    /// Some second of this server has been written before.
    pub(super) goes_on: bool,
    /// The end of the last second that was counted, written or not.
    pub(super) last: Option<i64>,
    /// Somebody has found the file damaged.
    pub(super) damaged: bool,
}

impl Waiting {
    /// Adds a second; false when the oldest one is lost for it.
    pub(super) fn push(&self, second: ClosedSecond) -> bool {
        let mut state = self.lock();
        state.last = Some(second.at);
        state.seconds.push_back(Arc::new(second));
        let fits = state.seconds.len() <= MOST;
        if !fits && let Some(lost) = state.seconds.pop_front() {
            // What was seen in it holds until something else is seen.
            if let Some(next) = state.seconds.front_mut() {
                let next = Arc::make_mut(next);
                let known: BTreeSet<_> = next.gauges.iter().map(|(id, _)| id.clone()).collect();
                next.gauges.extend(lost.gauges.iter().filter(|(id, _)| !known.contains(id)).cloned());
            }
        }
        fits
    }

    /// So many of the oldest have been written.
    pub(super) fn written(&self, number: usize) {
        let mut state = self.lock();
        state.seconds.drain(..number);
        state.goes_on |= number > 0;
    }

    /// As it is now.
    pub(super) fn now(&self) -> State {
        self.lock().clone()
    }

    /// The end of the last second that was counted.
    pub(super) fn last(&self) -> Option<i64> {
        self.lock().last
    }

    /// Notes that the file is damaged.
    pub(super) fn note_damage(&self) {
        self.lock().damaged = true;
    }

    /// Whether that was noted since the last call.
    pub(super) fn take_damage(&self) -> bool {
        std::mem::take(&mut self.lock().damaged)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::metrics::Gauge;

    use super::*;

    #[test]
    fn the_oldest_are_lost_and_what_was_seen_in_them_is_not() {
        let waiting = Waiting::default();
        let gauge = |ready| Gauge { ready, waiting: 0 };
        let of = |at, gauges: &[(&str, u32)]| ClosedSecond {
            at,
            gauges: gauges.iter().map(|(id, ready)| (id.parse().unwrap(), gauge(*ready))).collect(),
            ..ClosedSecond::default()
        };
        assert!(waiting.push(of(1, &[("a", 1), ("b", 1)])));
        assert!(waiting.push(of(2, &[("b", 2)])));
        let most = i64::try_from(MOST).unwrap();
        assert!((3..=most).all(|at| waiting.push(of(at, &[]))));
        assert!(!waiting.push(of(most + 1, &[])));
        let state = waiting.now();
        assert_eq!((state.seconds.len(), state.last), (MOST, Some(most + 1)));
        assert_eq!(state.seconds[0].gauges, of(2, &[("b", 2), ("a", 1)]).gauges);
        waiting.written(MOST - 1);
        assert_eq!(waiting.now().seconds.len(), 1);
        assert!(waiting.now().goes_on);
    }
}
