//! One text for one value: canonical JSON and its SHA-256, for content hashes and the journal.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// JSON without spaces, object keys in byte order, so that equal values give equal text
/// whatever order they were written in.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// SHA-256 of the canonical text, in lower-case hexadecimal.
pub fn hash(value: &Value) -> String {
    hex::encode(Sha256::digest(text(value)))
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (i, (key, value)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_which_keys_were_written_does_not_matter() {
        let one: Value = serde_json::from_str(r#"{"b":[1,{"y":1,"x":2}],"a":"ü\n"}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"a":"ü\n","b":[1,{"x":2,"y":1}]}"#).unwrap();
        assert_eq!(text(&one), r#"{"a":"ü\n","b":[1,{"x":2,"y":1}]}"#);
        assert_eq!(hash(&one), hash(&two));
    }
}
