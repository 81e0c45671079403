//! Stops an inference that runs longer than anybody waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ort::session::RunOptions;

/// The longest time one inference may take, and the means to stop it.
///
/// The thread that infers is busy with it, so another one calls [`TimeLimit::enforce`] from time to time.
pub(in crate::replica) struct TimeLimit {
    longest: Duration,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    since: Option<Instant>,
    // Made with the first inference: before it the library is not loaded.
    options: Option<Arc<RunOptions>>,
    stopped: bool,
}

impl TimeLimit {
    /// No inference runs yet.
    pub(in crate::replica) fn new(longest: Duration) -> Self {
        Self { longest, current: Mutex::default() }
    }

    /// The limit.
    pub(in crate::replica) fn longest(&self) -> Duration {
        self.longest
    }

    /// Stops the inference that runs, if it has run for longer than the limit at `now`.
    pub(in crate::replica) fn enforce(&self, now: Instant) {
        let mut current = self.lock();
        let Some(since) = current.since else { return };
        if now.saturating_duration_since(since) >= self.longest && !current.stopped {
            current.stopped = current.options.as_ref().is_some_and(|options| options.terminate().is_ok());
        }
    }

    /// Notes that an inference starts; it ends when the answer is dropped.
    pub(super) fn start(&self) -> ort::Result<RunningInference<'_>> {
        let mut current = self.lock();
        let options = match &current.options {
            Some(options) => options.clone(),
            None => current.options.insert(Arc::new(RunOptions::new()?)).clone(),
        };
        current.since = Some(Instant::now());
        current.stopped = false;
        Ok(RunningInference { limit: self, options })
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An inference that runs.
pub(super) struct RunningInference<'a> {
    limit: &'a TimeLimit,
    options: Arc<RunOptions>,
}

impl RunningInference<'_> {
    /// The options that the inference runs with.
    pub(super) fn options(&self) -> &RunOptions {
        &self.options
    }

    /// True when the inference was stopped for running too long.
    pub(super) fn stopped(&self) -> bool {
        self.limit.lock().stopped
    }
}

impl Drop for RunningInference<'_> {
    fn drop(&mut self) {
        let mut current = self.limit.lock();
        current.since = None;
        if current.stopped {
            // Fresh options for the next one: these stay marked as terminated.
            current.options = None;
        }
    }
}
