//! Numbers the way the measurements print them.

use std::time::Duration;

/// Milliseconds with as many digits as mean something.
pub(super) fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Megabytes, of a million bytes.
pub(super) fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The middle one of some numbers, by size; zero when there are none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_follow_an_outlier() {
        assert_eq!(median(&[5.0, 1.0, 900.0]), 5.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn units_are_written() {
        assert_eq!(ms(Duration::from_micros(1234)), "1.23 ms");
        assert_eq!(mb(28_400_000), "28.4 MB");
    }
}
