//! The reconcile queue: which deployment to look at, and when.
//!
//! Guarantees: a key is never handed out twice at the same time; asking for a key that waits already
//! only moves it forward; a key that is asked for while it is being worked on comes again afterwards.
//! The reason for looking at a key is never remembered: a pass goes by what it sees.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::Instant;
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

/// A key that is due later than this comes earlier: a pass too many changes nothing, and the timer holds no wait that is
/// longer than two years.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Keys, each with the instant at which it is due.
pub(super) struct Queue<K> {
    waiting: DelayQueue<K>,
    places: HashMap<K, (Key, Instant)>,
    running: HashSet<K>,
    /// Asked for while running: due when it is done.
    again: HashMap<K, Instant>,
}

impl<K: Clone + Eq + Hash> Queue<K> {
    pub(super) fn new() -> Self {
        Self { waiting: DelayQueue::new(), places: HashMap::new(), running: HashSet::new(), again: HashMap::new() }
    }

    /// Asks for `key` at `due`, or earlier if it was asked for earlier, and within a day.
    pub(super) fn ask(&mut self, key: K, due: Instant) {
        let due = due.min(Instant::now() + LONGEST);
        if self.running.contains(&key) {
            let again = self.again.entry(key).or_insert(due);
            *again = due.min(*again);
            return;
        }
        match self.places.get_mut(&key) {
            Some((_, known)) if *known <= due => {}
            Some((place, known)) => {
                self.waiting.reset_at(place, due);
                *known = due;
            }
            None => {
                let place = self.waiting.insert_at(key.clone(), due);
                self.places.insert(key, (place, due));
            }
        }
    }

    /// True while the key is being worked on.
    pub(super) fn is_running(&self, key: &K) -> bool {
        self.running.contains(key)
    }

    /// The next key that is due; it counts as being worked on until [`done`](Self::done).
    /// Never ends while nothing waits. Nothing is lost when it is dropped before it has answered.
    pub(super) async fn next(&mut self) -> K {
        match self.waiting.next().await {
            Some(expired) => {
                let key = expired.into_inner();
                self.places.remove(&key);
                self.running.insert(key.clone());
                key
            }
            None => std::future::pending().await,
        }
    }

    /// Ends the work on `key`; it comes again when it was asked for meanwhile, or at `due`.
    pub(super) fn done(&mut self, key: K, due: Option<Instant>) {
        self.running.remove(&key);
        let again = self.again.remove(&key);
        if let Some(due) = again.into_iter().chain(due).min() {
            self.ask(key, due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn next_now(queue: &mut Queue<&'static str>) -> Option<&'static str> {
        tokio::time::timeout(Duration::from_millis(1), queue.next()).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn asking_twice_is_asking_once_and_the_earlier_time_wins() {
        let mut queue = Queue::new();
        let now = Instant::now();
        queue.ask("a", now + Duration::from_secs(60));
        queue.ask("a", now);
        queue.ask("a", now + Duration::from_secs(5));
        assert_eq!(next_now(&mut queue).await, Some("a"));
        queue.done("a", None);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(next_now(&mut queue).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_key_is_not_handed_out_again_until_it_is_done() {
        let mut queue = Queue::new();
        queue.ask("a", Instant::now());
        assert_eq!(next_now(&mut queue).await, Some("a"));
        queue.ask("a", Instant::now());
        assert_eq!(next_now(&mut queue).await, None);
        queue.done("a", None);
        assert_eq!(next_now(&mut queue).await, Some("a"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_comes_back_at_the_time_its_pass_asked_for() {
        let mut queue = Queue::new();
        queue.ask("a", Instant::now());
        assert_eq!(next_now(&mut queue).await, Some("a"));
        queue.done("a", Some(Instant::now() + Duration::from_secs(10)));
        assert_eq!(next_now(&mut queue).await, None);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(next_now(&mut queue).await, Some("a"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_is_due_in_a_thousand_years_is_asked_for_without_a_panic_and_comes_within_a_day() {
        let mut queue = Queue::new();
        let far = Duration::from_secs(1_000 * 365 * 86_400);
        queue.ask("a", Instant::now() + far);
        assert_eq!(next_now(&mut queue).await, None);
        tokio::time::advance(LONGEST).await;
        assert_eq!(next_now(&mut queue).await, Some("a"));
        queue.done("a", Some(Instant::now() + far));
        assert_eq!(next_now(&mut queue).await, None);
        queue.ask("a", Instant::now());
        assert_eq!(next_now(&mut queue).await, Some("a"));
    }
}
