//! The waker of a client's connection, which can be told not to ring.
//!
//! Everything about a request happens in the one task of its client's connection: the pieces of a body
//! go through channels whose two ends are polled by that same task. Taking a piece wakes "the other
//! side", that is, the task that is running already, which would then run once more for nothing. Such
//! a wake-up is held back where it is known to be needless; this saves about half of all polls.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Wake, Waker};

const RINGS: u8 = 0;
const QUIET: u8 = 1;
const HELD_BACK: u8 = 2;

struct Clapper {
    task: Waker,
    state: AtomicU8,
}

impl Wake for Clapper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.load(Relaxed) == RINGS {
            self.task.wake_by_ref();
        } else {
            self.state.store(HELD_BACK, Relaxed);
        }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Bell(OnceCell<(Arc<Clapper>, Waker)>);

impl Bell {
    /// A waker that wakes `task`, unless told not to. A task keeps its waker for life.
    pub(super) fn waker(&self, task: &Waker) -> &Waker {
        let make = || {
            let clapper = Arc::new(Clapper { task: task.clone(), state: AtomicU8::new(RINGS) });
            (clapper.clone(), Waker::from(clapper))
        };
        &self.0.get_or_init(make).1
    }

    /// Runs `step` without ringing; says whether it would have rung.
    ///
    /// Only for a step that takes from a channel of this task, in the task itself: no other wake-up can
    /// come meanwhile, since nothing but the queue wakes a task from another thread, and a request that
    /// is past the queue has left it.
    pub(super) fn quietly<T>(&self, step: impl FnOnce() -> T) -> (T, bool) {
        let Some((clapper, _)) = self.0.get() else { return (step(), false) };
        clapper.state.store(QUIET, Relaxed);
        let done = step();
        (done, clapper.state.swap(RINGS, Relaxed) == HELD_BACK)
    }

    /// Rings.
    pub(super) fn ring(&self) {
        if let Some((clapper, _)) = self.0.get() {
            clapper.task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn it_rings_except_when_told_not_to_and_then_says_so() {
        let count = Arc::new(Count::default());
        let rung = || count.0.load(Relaxed);
        let bell = Bell::default();
        let waker = bell.waker(&Waker::from(count.clone())).clone();
        waker.wake_by_ref();
        assert_eq!(rung(), 1);
        assert!(bell.quietly(|| waker.wake_by_ref()).1);
        assert!(!bell.quietly(|| ()).1);
        assert_eq!(rung(), 1);
        waker.wake_by_ref();
        bell.ring();
        assert_eq!(rung(), 3);
    }
}
