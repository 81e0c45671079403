//! Numbers with their units, short enough for a column.

/// `16904` as `16,904`.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: *1 replica*, *1,200 replicas*. The one place that knows plurals.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", whole(number as u64), if number == 1 { one } else { many })
}

/// Requests per second.
pub(crate) fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate <= 0.0 => "0".to_owned(),
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => whole(rate.round() as u64),
    }
}

/// A share from 0 to 1 in percent. What is not nothing is never shown as 0.
pub(crate) fn share(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        percent if percent <= 0.0 => "0 %".to_owned(),
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        percent if percent < 10.0 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// Milliseconds, as seconds from one second on.
pub(crate) fn millis(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms if ms % 1_000.0 == 0.0 => span((ms / 1_000.0) as u64),
        ms => format!("{:.1} s", ms / 1_000.0),
    }
}

/// Thousandths of a core as *0.25*.
pub(crate) fn cores(milli: u64) -> String {
    format!("{:.2}", milli as f64 / 1_000.0)
}

/// Bytes.
pub(crate) fn bytes(bytes: u64) -> String {
    let amount = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", amount / 1e6),
        _ => format!("{:.1} GB", amount / 1e9),
    }
}

/// A length of time, with its two largest units.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// A length of time that runs down, as a clock shows it: *9:43*, *1:02:07*.
pub(crate) fn clock_span(seconds: u64) -> String {
    match seconds {
        0..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3_600, seconds % 3_600 / 60, seconds % 60),
    }
}

fn pair(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {large_unit}"),
        small => format!("{large} {large_unit} {small} {small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_runs_down_has_two_digits_behind_each_colon() {
        assert_eq!([0, 9, 583, 3_727].map(clock_span), ["0:00", "0:09", "9:43", "1:02:07"]);
    }

    #[test]
    fn numbers_have_separators_and_units() {
        assert_eq!(
            (whole(0), whole(999), whole(1_000), whole(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
        assert_eq!((rate(0.0), rate(0.26), rate(412.4)), ("0".into(), "0.3".into(), "412".into()));
        assert_eq!(
            (share(0.0), share(0.0001), share(0.041), share(1.0)),
            ("0 %".into(), "< 0.1 %".into(), "4.1 %".into(), "100 %".into())
        );
        assert_eq!(
            (millis(3.12), millis(140.2), millis(2_500.0), millis(60_000.0)),
            ("3.1 ms".into(), "140 ms".into(), "2.5 s".into(), "1 min".into())
        );
        assert_eq!((bytes(12), bytes(2_500), bytes(29_000_000)), ("12 B".into(), "2.5 kB".into(), "29.0 MB".into()));
    }

    #[test]
    fn a_number_has_its_noun() {
        let replicas = |number| count(number, "replica", "replicas");
        assert_eq!([0, 1, 1_200].map(replicas), ["0 replicas", "1 replica", "1,200 replicas"]);
    }

    #[test]
    fn a_span_has_at_most_two_units() {
        assert_eq!((span(41), span(552), span(600)), ("41 s".into(), "9 min 12 s".into(), "10 min".into()));
        assert_eq!((span(5_400), span(200_000)), ("1 h 30 min".into(), "2 d 7 h".into()));
    }
}
