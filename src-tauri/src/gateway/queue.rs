//! The line of requests that wait for a replica with a place free: first come, first served.
//!
//! Flow: who finds no place joins the line. Only the first in line tries; a place given back or a
//! publication wakes it; when it leaves the line, it wakes the next.
//!
//! Guarantees: nobody overtakes (who comes while others wait joins the line), and no wake-up is lost:
//! joining counts first and tries afterwards, giving back frees first and looks at the count afterwards.
//!
//! The lock is this deployment's own, and is taken only while somebody waits.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: AtomicUsize,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    next: u64,
    waiters: VecDeque<(u64, Waker)>,
}

/// A place in line; dropping it leaves the line.
pub(super) struct Ticket<'a> {
    queue: &'a Queue,
    number: u64,
}

impl Queue {
    /// True when nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.load(SeqCst) == 0
    }

    /// The number of waiting requests.
    pub(super) fn len(&self) -> usize {
        self.waiting.load(SeqCst)
    }

    /// Joins the end of the line, unless `limit` are waiting already.
    pub(super) fn join(&self, limit: usize) -> Option<Ticket<'_>> {
        let mut line = self.line();
        if line.waiters.len() >= limit {
            return None;
        }
        let number = line.next;
        line.next += 1;
        line.waiters.push_back((number, Waker::noop().clone()));
        self.waiting.store(line.waiters.len(), SeqCst);
        Some(Ticket { queue: self, number })
    }

    /// Wakes the first in line, if anybody waits.
    pub(super) fn wake_first(&self) {
        if self.is_empty() {
            return;
        }
        let first = self.line().waiters.front().map(|(_, waker)| waker.clone());
        if let Some(waker) = first {
            waker.wake();
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    /// True when it is this one's turn to try; if not, or if trying fails, `cx` is woken later.
    pub(super) fn is_first(&self, cx: &Context<'_>) -> bool {
        let mut line = self.queue.line();
        let Ok(at) = line.waiters.binary_search_by_key(&self.number, |(number, _)| *number) else { return false };
        if !line.waiters[at].1.will_wake(cx.waker()) {
            line.waiters[at].1 = cx.waker().clone();
        }
        at == 0
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut line = self.queue.line();
        let Ok(at) = line.waiters.binary_search_by_key(&self.number, |(number, _)| *number) else { return };
        line.waiters.remove(at);
        self.queue.waiting.store(line.waiters.len(), SeqCst);
        // The wake-up may have been meant for whoever is first now.
        let first = if at == 0 { line.waiters.front().map(|(_, waker)| waker.clone()) } else { None };
        drop(line);
        if let Some(waker) = first {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Bell(AtomicU32);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn is_first(ticket: &Ticket<'_>, bell: &Arc<Bell>) -> bool {
        ticket.is_first(&Context::from_waker(&Waker::from(bell.clone())))
    }

    #[test]
    fn the_first_in_line_is_woken_and_then_the_next() {
        let queue = Queue::default();
        let (one, two) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
        let first = queue.join(9).unwrap();
        let second = queue.join(9).unwrap();
        assert!(is_first(&first, &one));
        assert!(!is_first(&second, &two));
        queue.wake_first();
        assert_eq!((one.0.load(SeqCst), two.0.load(SeqCst)), (1, 0));
        drop(first);
        assert_eq!(two.0.load(SeqCst), 1, "leaving wakes the next");
        assert!(is_first(&second, &two));
        drop(second);
        assert!(queue.is_empty());
    }

    #[test]
    fn who_leaves_from_the_middle_wakes_nobody() {
        let queue = Queue::default();
        let bell = Arc::new(Bell::default());
        let first = queue.join(9).unwrap();
        let second = queue.join(9).unwrap();
        let third = queue.join(9).unwrap();
        for ticket in [&first, &third] {
            is_first(ticket, &bell);
        }
        drop(second);
        assert_eq!(bell.0.load(SeqCst), 0);
        drop(first);
        assert!(is_first(&third, &bell));
    }

    #[test]
    fn a_full_line_is_joined_by_nobody() {
        let queue = Queue::default();
        let _first = queue.join(1).unwrap();
        assert!(queue.join(1).is_none());
        assert!(Queue::default().join(0).is_none());
    }
}
