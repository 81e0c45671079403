//! The wait before a failed reconcile pass is tried again.

use std::time::Duration;

/// 0.1 s doubled with each failure in a row, at most 30 s.
pub(super) fn pause(failures: u32) -> Duration {
    Duration::from_millis((100u64 << failures.saturating_sub(1).min(9)).min(30_000))
}
