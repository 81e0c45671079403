//! `--set key=value`: dotted keys become nested JSON, a merge patch on the configuration.

use std::path::Path;

use serde_json::{Map, Value};

use super::file;

/// One `--set`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    key: Vec<String>,
    value: Value,
}

impl std::str::FromStr for Setting {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("write key=value, for example replicas=3")?;
        let key: Vec<String> = key.trim().split('.').map(str::to_owned).collect();
        if key.iter().any(String::is_empty) {
            return Err("a key is missing; write key=value or outer.inner=value".to_owned());
        }
        // Any JSON can stand there, so it can be long and come from a file, and a slip must not become a text (RAY-4).
        let is_user_config = key[0] == "user_config";
        if let Some(path) = value.strip_prefix('@').filter(|_| is_user_config) {
            let value = file::json(Path::new(path)).map_err(|error| error.to_string())?;
            return Ok(Self { key, value });
        }
        let value = match serde_json::from_str(value) {
            // env.THREADS=4 and version=1.0 mean text: nothing else can stand there.
            Ok(Value::Number(_) | Value::Bool(_)) if is_text(&key) => Value::from(value),
            Ok(parsed) => parsed,
            Err(error) if is_user_config && key.len() == 1 => {
                return Err(format!("user_config is JSON, or @FILE with JSON, but this is not: {error}"));
            }
            Err(error) if looks_like_json(value) => {
                return Err(format!("the value begins like JSON, but is not: {error}"));
            }
            Err(_) => Value::from(value),
        };
        Ok(Self { key, value })
    }
}

fn is_text(key: &[String]) -> bool {
    matches!(key[0].as_str(), "name" | "version") && key.len() == 1
        || matches!(key[0].as_str(), "env" | "routes") && key.len() == 2
}

fn looks_like_json(value: &str) -> bool {
    value.trim_start().starts_with(['{', '[', '"'])
}

/// All of them as one object.
///
/// # Errors
/// A key is set twice, or is both a value and an object.
pub(super) fn merge(settings: &[Setting]) -> Result<Map<String, Value>, String> {
    let mut merged = Map::new();
    for setting in settings {
        let twice = || format!("--set: {} is set twice", setting.key.join("."));
        let (last, outer) = setting.key.split_last().ok_or_else(twice)?;
        let mut place = &mut merged;
        for key in outer {
            let inner = place.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            place = inner.as_object_mut().ok_or_else(twice)?;
        }
        if place.insert(last.clone(), setting.value.clone()).is_some() {
            return Err(twice());
        }
    }
    Ok(merged)
}

/// `key=value` of a tag or property.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write key=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(settings: &[&str]) -> Result<Value, String> {
        let parsed: Result<Vec<Setting>, String> = settings.iter().map(|text| text.parse()).collect();
        merge(&parsed?).map(Value::Object)
    }

    #[test]
    fn keys_nest_and_values_are_json_or_text() {
        for (given, expected) in [
            (&["replicas=3"][..], json!({"replicas": 3})),
            (&["user_config.threshold=0.43"], json!({"user_config": {"threshold": 0.43}})),
            (&["user_config.a.b=true", "user_config.a.c=x y"], json!({"user_config": {"a": {"b": true, "c": "x y"}}})),
            (&["models=[\"iris@2\"]"], json!({"models": ["iris@2"]})),
            (&["version=null"], json!({"version": null})),
            (&["version=1.0"], json!({"version": "1.0"})),
            (
                &["env.THREADS=4", "env.DEBUG=true", "env.A="],
                json!({"env": {"THREADS": "4", "DEBUG": "true", "A": ""}}),
            ),
            (&["env.GONE=null"], json!({"env": {"GONE": null}})),
            (&["user_config={\"a\":1}", "user_config.b=2"], json!({"user_config": {"a": 1, "b": 2}})),
            (&["user_config.url=http://x/?a=b"], json!({"user_config": {"url": "http://x/?a=b"}})),
            (&[], json!({})),
        ] {
            assert_eq!(merged(given), Ok(expected), "{given:?}");
        }
    }

    #[test]
    fn user_config_comes_from_a_file_and_a_slip_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let good = write("good", "{\n \"threshold\": 0.4\n}");
        assert_eq!(merged(&[&format!("user_config=@{good}")]), Ok(json!({"user_config": {"threshold": 0.4}})));
        assert_eq!(merged(&[&format!("user_config.a=@{good}")]), Ok(json!({"user_config": {"a": {"threshold": 0.4}}})));
        assert_eq!(merged(&["env.A=@x"]), Ok(json!({"env": {"A": "@x"}})));
        let bad = write("bad", "{\n \"threshold\": 0,4\n}");
        for (given, part) in [
            (format!("user_config=@{bad}"), "line 2 column 17"),
            ("user_config={\"a\": x}".to_owned(), "line 1 column 7"),
            ("user_config=threshold".to_owned(), "line 1 column 2"),
            ("user_config=@no/such/file".to_owned(), "cannot be read"),
        ] {
            let error = merged(&[&given]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_means_nothing_or_two_things_is_refused() {
        for given in [
            &["replicas"][..],
            &["=3"],
            &["a..b=1"],
            &[".a=1"],
            &["user_config={\"a\":"],
            &["replicas=3", "replicas=4"],
            &["a=1", "a.b=2"],
            &["a.b=1", "a=2"],
        ] {
            assert!(merged(given).is_err(), "{given:?}");
        }
    }
}
