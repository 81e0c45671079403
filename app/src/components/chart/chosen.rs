//! The bucket that somebody looks at, and the ways to another one.

/// Buckets that a page is long.
const PAGE: usize = 10;

/// The bucket that a key leads to, of so many; none where the key leads nowhere.
pub(super) fn by_key(key: &str, now: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let by = |forward: bool, far: usize| match (now, forward) {
        (None, _) => last,
        (Some(now), true) => (now + far).min(last),
        (Some(now), false) => now.saturating_sub(far),
    };
    match key {
        "ArrowRight" | "ArrowUp" => Some(by(true, 1)),
        "ArrowLeft" | "ArrowDown" => Some(by(false, 1)),
        "PageUp" => Some(by(true, PAGE)),
        "PageDown" => Some(by(false, PAGE)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// The bucket under a pointer that is so many pixels from the left edge of `width` pixels.
pub(super) fn by_pointer(from_left: f64, width: f64, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    (width > 0.0).then(|| ((from_left / width * count as f64).max(0.0) as usize).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_from_bucket_to_bucket() {
        for (key, now, then) in [
            ("ArrowLeft", Some(3), Some(2)),
            ("ArrowLeft", Some(0), Some(0)),
            ("ArrowRight", Some(58), Some(59)),
            ("ArrowRight", Some(59), Some(59)),
            ("ArrowLeft", None, Some(59)),
            ("PageUp", Some(3), Some(13)),
            ("PageDown", Some(3), Some(0)),
            ("Home", Some(30), Some(0)),
            ("End", None, Some(59)),
            ("Tab", Some(3), None),
        ] {
            assert_eq!(by_key(key, now, 60), then, "{key} at {now:?}");
        }
        assert_eq!(by_key("Home", None, 0), None);
    }

    #[test]
    fn a_pointer_is_over_one_bucket() {
        let found = [-5.0, 0.0, 9.9, 10.0, 599.0, 600.0, 900.0].map(|x| by_pointer(x, 600.0, 60));
        assert_eq!(found, [0, 0, 0, 1, 59, 59, 59].map(Some));
        assert_eq!((by_pointer(1.0, 0.0, 60), by_pointer(1.0, 600.0, 0)), (None, None));
    }
}
