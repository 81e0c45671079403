//! The limit for a slow sender: pauses and slowness are allowed, but not without end.

use std::time::Duration;

/// The waiting time that one sender has left: waiting uses it up, arriving bytes give some back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    left: Duration,
    most: Duration,
    /// Bytes that are worth a second.
    pace: u32,
}

impl Patience {
    /// With one that may pause for `most`, and sends at least `pace` bytes a second in the long run.
    pub(crate) fn new(most: Duration, pace: u32) -> Self {
        Self { left: most, most, pace: pace.max(1) }
    }

    /// The longest wait for the next bytes.
    pub(crate) fn left(&self) -> Duration {
        self.left
    }

    /// Counts `bytes` that came after a wait of `waited`.
    pub(crate) fn came(&mut self, bytes: usize, waited: Duration) {
        let worth = Duration::from_secs_f64(bytes as f64 / f64::from(self.pace));
        self.left = (self.left.saturating_sub(waited) + worth).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_runs_out_with_one_who_sends_byte_by_byte_and_not_with_one_who_keeps_the_pace() {
        let mut patience = Patience::new(5 * SECOND, 1000);
        for _ in 0..4 {
            patience.came(1, SECOND);
        }
        assert!((SECOND..SECOND + SECOND / 100).contains(&patience.left()), "{patience:?}");
        patience.came(1, 2 * SECOND);
        assert!(patience.left() < SECOND / 100, "{patience:?}");

        let mut patience = Patience::new(5 * SECOND, 1000);
        for _ in 0..100 {
            patience.came(1000, SECOND);
            patience.came(3000, 3 * SECOND);
        }
        assert_eq!(patience.left(), 5 * SECOND);
    }

    #[test]
    fn it_is_never_more_than_at_the_beginning() {
        let mut patience = Patience::new(5 * SECOND, 1);
        patience.came(1 << 30, Duration::ZERO);
        assert_eq!(patience.left(), 5 * SECOND);
        patience.came(1, 9 * SECOND);
        assert_eq!(patience.left(), SECOND);
    }
}
