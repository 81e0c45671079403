//! The strict reader refuses what serde's `deny_unknown_fields` refuses, in the same words, and takes the rest.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::*;

/// The same types twice: lenient, and as serde makes them strict.
macro_rules! types {
    ($name:ident, $($strict:tt)*) => {
        mod $name {
            use super::*;

            #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
            #[serde(default, $($strict)*)]
            pub(super) struct Outer {
                pub(super) inner: Inner,
                maybe: Option<Inner>,
                list: Vec<Inner>,
                words: BTreeMap<String, Inner>,
                free: Value,
                choice: Choice,
                count: u32,
            }

            #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
            #[serde(default, $($strict)*)]
            pub(super) struct Inner {
                a: u32,
                b: Option<String>,
            }

            #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "snake_case", $($strict)*)]
            enum Choice {
                #[default]
                Nothing,
                One(Inner),
                Fields { c: u32 },
            }
        }
    };
}

types!(lenient,);
types!(denying, deny_unknown_fields);

fn both(text: &str) -> (Result<Value, String>, Result<Value, String>) {
    fn told<T: Serialize>(read: Result<T, serde_path_to_error::Error<serde_json::Error>>) -> Result<Value, String> {
        read.map(|read| serde_json::to_value(read).unwrap())
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }
    let read = deserialize::<lenient::Outer, _>(&mut serde_json::Deserializer::from_str(text));
    let other = serde_path_to_error::deserialize::<_, denying::Outer>(&mut serde_json::Deserializer::from_str(text));
    (told(read), told(other))
}

#[test]
fn what_is_refused_and_what_is_taken_is_the_same_in_the_same_words() {
    for (body, refused) in [
        (json!({}), false),
        (json!({"inner": {"a": 1, "b": "x"}, "maybe": null, "list": [{}], "choice": {"one": {"a": 2}}}), false),
        (json!({"free": {"anything": {"at": ["all"]}}, "words": {"any": {"a": 1}}}), false),
        (json!({"choice": {"fields": {"c": 1}}}), false),
        (json!({"strange": 1}), true),
        (json!({"inner": {"strange": 1}}), true),
        (json!({"inner": {"a": 1, "strange": {"a": 1}}}), true),
        (json!({"maybe": {"strange": 1}}), true),
        (json!({"list": [{"a": 1}, {"strange": 1}]}), true),
        (json!({"words": {"any": {"strange": 1}}}), true),
        (json!({"choice": {"one": {"strange": 1}}}), true),
        (json!({"choice": {"fields": {"c": 1, "strange": 1}}}), true),
        (json!({"choice": {"strange": 1}}), true),
        (json!({"count": -1, "strange": 1}), true),
        (json!({"inner": "text"}), true),
    ] {
        let (read, other) = both(&body.to_string());
        assert_eq!(read, other, "{body}");
        assert_eq!(read.is_err(), refused, "{body}: {read:?}");
    }
    let (read, other) = both(r#"{"count":1,"count":2}"#);
    assert_eq!(read, other, "a field that is sent twice");
    assert!(read.unwrap_err().contains("duplicate field"));
}

#[test]
fn a_list_is_no_object() {
    let error = deserialize::<lenient::Outer, _>(json!({"inner": [], "count": 1})).unwrap_err();
    assert_eq!(error.path().to_string(), "inner");
    assert_eq!(error.inner().to_string(), "invalid type: sequence, expected an object");
}
