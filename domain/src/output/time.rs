//! The time that a line says of itself, where it says it with its zone.

use jiff::Timestamp;
use serde_json::Value;

/// Keys under which a line of JSON says when it was written.
const KEYS: [&str; 4] = ["timestamp", "time", "ts", "@timestamp"];

/// When a line says it was written: its first word, or a field of its JSON.
pub(super) fn said(text: &str) -> Option<Timestamp> {
    let text = text.trim_start();
    if text.starts_with('{') {
        let object: Value = serde_json::from_str(text).ok()?;
        return KEYS.iter().find_map(|key| object.get(key)?.as_str()?.parse().ok());
    }
    let first = text.split_whitespace().next()?;
    first.trim_start_matches('[').trim_end_matches([']', ':']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_a_zone_is_believed_and_any_other_is_not() {
        let nine = "2026-12-01T09:00:00Z".parse().ok();
        for text in [
            "2026-12-01T09:00:00Z INFO up",
            "[2026-12-01T10:00:00+01:00] up",
            "2026-12-01T09:00:00.000000Z: up",
            r#"{"time":"2026-12-01T09:00:00Z","msg":"up"}"#,
            r#"{"ts":1764579600,"@timestamp":"2026-12-01T09:00:00Z"}"#,
        ] {
            assert_eq!(said(text), nine, "{text}");
        }
        for text in ["", "up", "2026-12-01 09:00:00,123 INFO up", "2026-12-01", r#"{"ts":1764579600}"#, "{broken"] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
