//! Reads JSON and says where it is wrong: line and column for the form, the path for a field.

use domain::strict;
use domain::wire::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::commands::Refusal;

/// Reads a body that must be an object; no bytes at all count as `{}`.
pub(in crate::http) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let body = if first.is_none() { b"{}" } else { body };
    let mut reader = serde_json::Deserializer::from_slice(body);
    // Checked as a whole first: a field must not be blamed for what is wrong with the text around it.
    serde_json::from_slice::<serde::de::IgnoredAny>(body).map_err(|error| malformed(&error))?;
    if first.is_some_and(|byte| *byte != b'{') {
        return Err(Refusal::new(ErrorCode::MalformedRequest, "The body is JSON but no object: it must begin with {."));
    }
    strict::deserialize(&mut reader).map_err(|error| Refusal::of_json(&error.path().to_string(), error.inner()))
}

/// Reads what has been read as a JSON value already.
pub(in crate::http) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    strict::deserialize(value).map_err(|error| Refusal::of_json(&error.path().to_string(), error.inner()))
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let detail = match error.classify() {
        Category::Eof => format!("The body is JSON that is cut short: {error}."),
        _ => format!("The body is not JSON: {error}."),
    };
    Refusal::new(ErrorCode::MalformedRequest, detail).with("line", error.line()).with("column", error.column())
}

#[cfg(test)]
mod tests {
    use domain::wire::{CreateDeployment, StartRollout};

    use super::*;

    fn refused<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> (ErrorCode, String, Value) {
        let refusal = read::<T>(body.as_bytes()).unwrap_err();
        let field = refusal.more.get("field").cloned().unwrap_or_default();
        (refusal.code, refusal.detail, field)
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        for (body, code, field) in [
            (r#"{"name":"a","configuration":{"replicaz":1}}"#, ErrorCode::UnknownField, "configuration.replicaz"),
            (r#"{"name":"a","configuration":{"replicas":0}}"#, ErrorCode::InvalidField, "configuration.replicas"),
            (r#"{"name":"a","configuration":{"replicas":-1}}"#, ErrorCode::InvalidField, "configuration.replicas"),
            (r#"{"name":"a","configuration":{"replicas":10000}}"#, ErrorCode::InvalidField, "configuration.replicas"),
            (r#"{"name":"a","configuration":{"models":["x"]}}"#, ErrorCode::InvalidField, "configuration.models[0]"),
            (r#"{"name":"A!","configuration":{}}"#, ErrorCode::InvalidField, "name"),
            (r#"{"configuration":{}}"#, ErrorCode::InvalidField, "name"),
            (r#"{"nam":"a"}"#, ErrorCode::UnknownField, "nam"),
            (
                r#"{"name":"a","configuration":{},"strategy":{"max_surge":"101%"}}"#,
                ErrorCode::InvalidField,
                "strategy.max_surge",
            ),
        ] {
            let (found, detail, path) = refused::<CreateDeployment>(body);
            assert_eq!((found, path.as_str()), (code, Some(field)), "{body}: {detail}");
            assert!(detail.starts_with(field), "{detail}");
        }
    }

    #[test]
    fn wrong_json_is_told_by_line_and_column() {
        let refusal = read::<StartRollout>(b"{\n  \"note\": \"x\",\n}").unwrap_err();
        assert_eq!(refusal.code, ErrorCode::MalformedRequest);
        assert_eq!((&refusal.more["line"], &refusal.more["column"]), (&Value::from(3), &Value::from(1)));
        assert!(refused::<StartRollout>(r#"{"note": "x"} more"#).1.contains("not JSON"));
        assert!(refused::<StartRollout>(r#"{"note": "#).1.contains("cut short"));
        assert!(refused::<StartRollout>("[]").1.contains("no object"));
    }

    #[test]
    fn nothing_sent_is_an_empty_object() {
        assert_eq!(read::<StartRollout>(b"").unwrap(), StartRollout::default());
        assert_eq!(read::<StartRollout>(b" \n").unwrap(), StartRollout::default());
    }
}
