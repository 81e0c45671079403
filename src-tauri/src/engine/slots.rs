//! Slots: how many passes work at a time. The others wait for a slot, in the order in which they came, on no thread.
//!
//! A pass that waits for a slow replica gives its slot to others and keeps only its thread, of which there are many more.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;

/// So many passes work at a time. Each reads and writes again and again; the store has one writer and eight readers, of
/// which the API needs some.
const PASSES: usize = 4;
/// The number of looks that work at a time.
const LOOKS: usize = 2;
/// So many passes have a thread at a time, whether they work or wait for a replica: half of those that the async runtime
/// has for work that blocks, so that the API has its own.
const THREADS: usize = 256;

/// The slots. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(super) struct Slots {
    working: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// One that is taken, until it is dropped.
pub(super) struct Slot {
    working: OwnedSemaphorePermit,
    thread: OwnedSemaphorePermit,
}

impl Slots {
    /// Those of passes.
    pub(super) fn of_passes() -> Self {
        Self::new(PASSES)
    }

    /// Those of looks beside passes that are under way, which must not wait for them.
    pub(super) fn of_looks() -> Self {
        Self::new(LOOKS)
    }

    fn new(working: usize) -> Self {
        Self { working: Arc::new(Semaphore::new(working)), threads: Arc::new(Semaphore::new(THREADS)) }
    }

    /// Waits for a slot; none once they are closed. Nothing is lost when it is dropped before it has answered.
    async fn take(&self) -> Option<Slot> {
        let thread = self.threads.clone().acquire_owned().await.ok()?;
        let working = self.working.clone().acquire_owned().await.ok()?;
        Some(Slot { working, thread })
    }

    /// Waits for a slot and works in it, on a thread that may be blocked; none once they are closed.
    ///
    /// # Errors
    /// The work panicked.
    pub(super) async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce(Slot) -> R + Send + 'static,
    ) -> Option<Result<R, JoinError>> {
        let slot = self.take().await?;
        Some(tokio::task::spawn_blocking(move || work(slot)).await)
    }

    /// Whoever waits for a slot, or asks for one from now on, gets none.
    pub(super) fn close(&self) {
        self.working.close();
        self.threads.close();
    }
}

impl Slot {
    /// Gives the slot to others and keeps the thread, which is answered.
    pub(super) fn wait(self) -> OwnedSemaphorePermit {
        let Self { working, thread } = self;
        drop(working);
        thread
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn no_more_work_than_there_are_slots_and_whoever_waits_for_a_replica_has_none() {
        let slots = Slots::new(2);
        let take = || slots.take().now_or_never().flatten();
        let (first, second) = (take().unwrap(), take().unwrap());
        assert!(take().is_none(), "both are taken");
        let waiting = first.wait();
        let third = take().unwrap();
        assert!(take().is_none(), "the third has the slot of the first");
        drop(second);
        assert!(take().is_some());
        drop((waiting, third));
        let threads: Vec<_> = std::iter::from_fn(|| take().map(Slot::wait)).collect();
        assert_eq!(threads.len(), THREADS, "those that wait have a thread each");
    }

    #[tokio::test]
    async fn a_slot_is_free_again_after_a_panic_and_none_is_given_once_they_are_closed() {
        let slots = Slots::new(1);
        let broken = slots.work(|_| std::panic::resume_unwind(Box::new("it broke off"))).await;
        assert!(broken.is_some_and(|outcome: Result<(), _>| outcome.is_err()));
        assert_eq!(slots.work(|_| 7).await.unwrap().unwrap(), 7);
        slots.close();
        assert!(slots.work(|_| 7).await.is_none());
    }
}
