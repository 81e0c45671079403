//! How long requests took, in buckets that are an eighth of a power of two wide: right to 7 %, from a microsecond to an hour.

use std::time::Duration;

/// The number of buckets; the last one holds everything that took longer.
pub const BUCKETS: usize = 240;

/// The bucket of a duration, below [`BUCKETS`].
pub fn bucket(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if micros < 8 {
        return micros as usize;
    }
    let power = micros.ilog2() as usize;
    let eighth = (micros >> (power - 3)) as usize & 7;
    ((power - 2) * 8 + eighth).min(BUCKETS - 1)
}

/// The middle of a bucket, in milliseconds.
fn middle(bucket: usize) -> f64 {
    if bucket < 8 {
        return (bucket as f64 + 0.5) / 1000.0;
    }
    let (power, eighth) = (bucket / 8 + 2, bucket % 8);
    (8.0 + eighth as f64 + 0.5) * 2f64.powi(power as i32 - 3) / 1000.0
}

/// Requests by bucket. Only buckets that have some take room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(Vec<(u8, u64)>);

/// These bytes are no histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no durations of requests")]
pub struct InvalidHistogram;

impl Histogram {
    /// Of the buckets that have requests, each once and in ascending order; others are left out.
    pub fn of_ascending(counts: impl IntoIterator<Item = (usize, u64)>) -> Self {
        let counts = counts.into_iter().filter(|(bucket, count)| *bucket < BUCKETS && *count > 0);
        let mut own: Vec<(u8, u64)> = Vec::new();
        for (bucket, count) in counts {
            let bucket = bucket as u8;
            if own.last().is_none_or(|(last, _)| *last < bucket) {
                own.push((bucket, count));
            }
        }
        Self(own)
    }

    /// The buckets that have requests, in ascending order, with their numbers.
    pub fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        self.0.iter().map(|(bucket, count)| (usize::from(*bucket), *count))
    }

    /// True without any request.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Adds the requests of another one.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            match self.0.binary_search_by_key(bucket, |(own, _)| *own) {
                Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(*count),
                Err(at) => self.0.insert(at, (*bucket, *count)),
            }
        }
    }

    /// The time in milliseconds that this share of the requests, 0 to 1, took at most; none without requests.
    pub fn percentile_ms(&self, share: f64) -> Option<f64> {
        let requests = self.requests();
        let rank = ((requests as f64 * share).ceil() as u64).clamp(1, requests.max(1));
        let mut seen = 0u64;
        let found = self.0.iter().find(|(_, count)| {
            seen = seen.saturating_add(*count);
            seen >= rank
        });
        found.map(|(bucket, _)| middle((*bucket).into()))
    }

    /// A few bytes that [`decode`](Self::decode) reads: for each bucket how far it lies behind the one before and its
    /// count, seven bits a byte, the lowest first.
    pub fn encode(&self) -> Vec<u8> {
        let (mut bytes, mut next) = (Vec::with_capacity(self.0.len() * 3), 0);
        for (bucket, count) in &self.0 {
            put(&mut bytes, u64::from(*bucket) - next);
            put(&mut bytes, *count);
            next = u64::from(*bucket) + 1;
        }
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// It did not write them.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, InvalidHistogram> {
        let (mut counts, mut next) = (Vec::new(), 0u64);
        while !bytes.is_empty() {
            let bucket = next.checked_add(take(&mut bytes)?).ok_or(InvalidHistogram)?;
            let count = take(&mut bytes)?;
            if bucket >= BUCKETS as u64 || count == 0 {
                return Err(InvalidHistogram);
            }
            counts.push((bucket as u8, count));
            next = bucket + 1;
        }
        Ok(Self(counts))
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Result<u64, InvalidHistogram> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(InvalidHistogram)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if (bits << shift) >> shift != bits {
            return Err(InvalidHistogram);
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(InvalidHistogram)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(durations: impl IntoIterator<Item = Duration>) -> Histogram {
        let mut sum = Histogram::default();
        durations.into_iter().for_each(|took| sum.add(&Histogram::of_ascending([(bucket(took), 1)])));
        sum
    }

    #[test]
    fn a_bucket_tells_a_duration_to_seven_percent() {
        for micros in (1..2000).chain([10_000, 123_456, 60_000_000]) {
            let told = middle(bucket(Duration::from_micros(micros))) * 1000.0;
            let off = (told - micros as f64).abs();
            assert!(off <= 0.5 || off / micros as f64 <= 0.07, "{micros} µs told as {told}");
        }
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
        let hour = middle(bucket(Duration::from_secs(3_500)));
        assert!((hour - 3_500_000.0).abs() / 3_500_000.0 <= 0.07, "{hour}");
    }

    #[test]
    fn percentiles_are_those_of_the_requests() {
        let hundred = of((1..=100).map(Duration::from_millis));
        let near = |share, ms: f64| (hundred.percentile_ms(share).unwrap() - ms).abs() / ms <= 0.07;
        assert!(near(0.50, 50.0) && near(0.95, 95.0) && near(0.99, 99.0));
        assert!(near(0.0, 1.0) && near(1.0, 100.0));
        assert_eq!(Histogram::default().percentile_ms(0.95), None);
        let one = of([Duration::from_millis(7)]);
        assert_eq!(one.percentile_ms(0.5), one.percentile_ms(0.99));
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        let huge = [0xff; 10];
        for bytes in [&[0][..], &[0, 0], &[0x80], &[0xf0, 1, 1], &[239, 1, 1, 0, 1], &[0, 0x80], &huge, &[0, 1, 0xff]] {
            assert_eq!(Histogram::decode(bytes), Err(InvalidHistogram), "{bytes:?}");
        }
        assert_eq!(Histogram::decode(&[]), Ok(Histogram::default()));
        assert_eq!(of([Duration::from_millis(5); 100]).encode().len(), 2, "a second of steady requests is small");
    }

    #[test]
    fn buckets_out_of_order_are_left_out() {
        let own = Histogram::of_ascending([(5, 1), (5, 2), (3, 1), (9, 0), (BUCKETS, 7), (10, 4)]);
        assert_eq!(own, Histogram::of_ascending([(5, 1), (10, 4)]));
    }

    fn histogram() -> impl Strategy<Value = Histogram> {
        let counts = proptest::collection::btree_map(0..BUCKETS, prop_oneof![1..200u64, 1..u64::MAX / 8], 0..12);
        counts.prop_map(Histogram::of_ascending)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(own in histogram()) {
            prop_assert_eq!(Histogram::decode(&own.encode()), Ok(own.clone()));
            prop_assert_eq!(Histogram::of_ascending(own.counts()), own);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(read) = Histogram::decode(&bytes) {
                prop_assert_eq!(Histogram::decode(&read.encode()), Ok(read));
            }
        }

        #[test]
        fn adding_loses_nothing_and_knows_no_order(a in histogram(), b in histogram(), c in histogram()) {
            let sum = |parts: [&Histogram; 3]| {
                let mut sum = Histogram::default();
                parts.into_iter().for_each(|part| sum.add(part));
                sum
            };
            prop_assert_eq!(sum([&a, &b, &c]), sum([&c, &a, &b]));
            let total = [&a, &b, &c].into_iter().fold(0u64, |sum, part| sum.saturating_add(part.requests()));
            prop_assert_eq!(sum([&a, &b, &c]).requests(), total);
        }

        #[test]
        fn a_higher_share_never_takes_less(own in histogram(), low in 0.0..1.0f64, more in 0.0..1.0f64) {
            prop_assert!(own.percentile_ms(low) <= own.percentile_ms((low + more).min(1.0)));
        }

        #[test]
        fn longer_durations_have_no_lower_bucket(a in any::<u64>(), b in any::<u64>()) {
            let (short, long) = (a.min(b), a.max(b));
            prop_assert!(bucket(Duration::from_micros(short)) <= bucket(Duration::from_micros(long)));
        }
    }
}
