//! `--file`: a configuration as JSON or TOML, also in the forms that other commands print (AZ-6).

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;
/// Fields that a configuration is shown with and that nobody sends.
const VIEW_ONLY: [&str; 6] = ["id", "in_use", "revisions", "content_hash", "created_at", "created_by"];
/// Fields that a new deployment takes over from one that is shown.
const TAKEN_OVER: [&str; 8] =
    ["target", "importance", "on_failure", "strategy", "description", "tags", "properties", "checks"];

/// The faults for which a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// It is too large for what it should hold.
    #[error("{0} is larger than 1 MiB, which is too large here")]
    TooLarge(PathBuf),
    /// It is neither JSON nor TOML.
    #[error("{path} is not valid {form}: {problem}")]
    Malformed {
        /// The path of the file.
        path: PathBuf,
        /// JSON or TOML.
        form: &'static str,
        /// Line, column and what was expected.
        problem: String,
    },
    /// It holds something else.
    #[error("{path} holds no configuration: {problem}")]
    NoConfiguration {
        /// The path of the file.
        path: PathBuf,
        /// The fault of its content.
        problem: String,
    },
}

/// The content of a file.
#[derive(Debug, PartialEq)]
pub(super) enum FileContent {
    /// A configuration: hand-written, or from `configuration show --json`.
    Configuration(Map<String, Value>),
    /// A configuration inside of what surrounds it: hand-written, or from `check --json`.
    Within {
        /// The other fields, as far as a new deployment takes them.
        around: Map<String, Value>,
        /// The configuration.
        configuration: Map<String, Value>,
    },
    /// A deployment that names its configuration: from `status NAME --json`.
    Named {
        /// The fields that a new deployment takes over.
        around: Map<String, Value>,
        /// The deployment's id.
        deployment: String,
        /// The configuration's id.
        configuration: String,
    },
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// It cannot be read, is too large, is neither JSON nor TOML, or holds something else.
pub(super) fn read(path: &Path) -> Result<FileContent, FileError> {
    let value = parse(path, &text_of(path)?)?;
    classify(value).map_err(|problem| FileError::NoConfiguration { path: path.to_owned(), problem })
}

/// Reads the terms of something from a file of JSON or TOML, or standard input for `-`; also from what `show --json`
/// printed of it, where they stand within `thing`.
///
/// # Errors
/// It cannot be read, is too large, or is neither JSON nor TOML.
pub(super) fn terms(path: &Path, thing: &str) -> Result<Value, FileError> {
    let mut value = parse(path, &text_of(path)?)?;
    let shown = value.pointer_mut(&format!("/{thing}/terms")).map(Value::take);
    Ok(shown.unwrap_or(value))
}

fn text_of(path: &Path) -> Result<String, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let mut take = |from: &mut dyn Read| from.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(unreadable);
    if path == Path::new("-") {
        take(&mut std::io::stdin())?;
    } else {
        take(&mut std::fs::File::open(path).map_err(unreadable)?)?;
    }
    if text.len() as u64 > MOST_BYTES {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    Ok(text)
}

/// Reads any JSON from a file.
///
/// # Errors
/// It cannot be read, is too large, or is not JSON: then with line and column (RAY-4).
pub(super) fn json(path: &Path) -> Result<Value, FileError> {
    let text = text_of(path)?;
    serde_json::from_str(&text).map_err(|error| FileError::Malformed {
        path: path.to_owned(),
        form: "JSON",
        problem: error.to_string(),
    })
}

fn parse(path: &Path, text: &str) -> Result<Value, FileError> {
    let malformed = |form, problem: String| {
        let problem = problem.trim_end().to_owned();
        FileError::Malformed { path: path.to_owned(), form, problem }
    };
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let json = match extension {
        "json" => true,
        "toml" => false,
        _ => text.trim_start().starts_with(['{', '[']),
    };
    if json {
        return serde_json::from_str(text).map_err(|error| malformed("JSON", error.to_string()));
    }
    let table: toml::Table = toml::from_str(text).map_err(|error| malformed("TOML", error.to_string()))?;
    json_of(toml::Value::Table(table)).map_err(|problem| malformed("TOML", problem))
}

/// TOML has dates and infinities, JSON has not.
fn json_of(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| format!("{number} is not a number in JSON"))?,
        toml::Value::Array(items) => items.into_iter().map(json_of).collect::<Result<Vec<_>, _>>()?.into(),
        toml::Value::Table(fields) => {
            let fields = fields.into_iter().map(|(key, value)| Ok((key, json_of(value)?)));
            Value::Object(fields.collect::<Result<Map<_, _>, String>>()?)
        }
    })
}

fn classify(value: Value) -> Result<FileContent, String> {
    let Value::Object(mut fields) = value else {
        return Err("an object is expected".to_owned());
    };
    match fields.remove("configuration") {
        None if fields.contains_key("items") => {
            Err("it is a list; show one thing, for example with `changeover configuration show ID --json`".to_owned())
        }
        None => {
            fields.retain(|field, _| !VIEW_ONLY.contains(&field.as_str()));
            Ok(FileContent::Configuration(fields))
        }
        Some(Value::Object(mut configuration)) => {
            configuration.retain(|field, _| !VIEW_ONLY.contains(&field.as_str()));
            if fields.contains_key("plan_hash") {
                fields.clear();
            }
            Ok(FileContent::Within { around: fields, configuration })
        }
        Some(Value::String(configuration)) => {
            let deployment = fields.get("id").and_then(Value::as_str).map(str::to_owned);
            let deployment = deployment.ok_or("it names a configuration, but no deployment")?;
            fields.retain(|field, _| TAKEN_OVER.contains(&field.as_str()));
            Ok(FileContent::Named { around: fields, deployment, configuration })
        }
        Some(_) => Err("its field `configuration` is neither an object nor an id".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(name: &str, text: &str) -> Result<FileContent, String> {
        parse(Path::new(name), text)
            .and_then(|value| {
                classify(value).map_err(|problem| FileError::NoConfiguration { path: name.into(), problem })
            })
            .map_err(|error| error.to_string())
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn json_and_toml_say_the_same() {
        let expected = FileContent::Configuration(object(
            json!({"models": ["iris@1"], "replicas": 5, "user_config": {"threshold": 0.5, "since": "2024-01-01"}}),
        ));
        let json = r#"{"models":["iris@1"],"replicas":5,"user_config":{"threshold":0.5,"since":"2024-01-01"}}"#;
        let toml = "models = [\"iris@1\"]\nreplicas = 5\n[user_config]\nthreshold = 0.5\nsince = 2024-01-01\n";
        for (name, text) in [("a.json", json), ("a", json), ("-", json), ("a.toml", toml), ("a", toml)] {
            assert_eq!(content(name, text).as_ref(), Ok(&expected), "{name}");
        }
    }

    #[test]
    fn what_a_command_prints_is_accepted() {
        let shown = json!({"id":"c1","name":"x","models":["iris@1"],"in_use":true,"revisions":[1],
            "content_hash":"h","created_at":"2024-01-01T00:00:00Z","created_by":"me"});
        let bare = object(json!({"name":"x","models":["iris@1"]}));
        assert_eq!(content("a", &shown.to_string()), Ok(FileContent::Configuration(bare.clone())));

        let rehearsed = json!({"configuration":{"name":"x","models":["iris@1"]},"plan_hash":"h","diff":[]});
        let within = FileContent::Within { around: Map::new(), configuration: bare.clone() };
        assert_eq!(content("a", &rehearsed.to_string()), Ok(within));

        let written = json!({"ttl":"24h","configuration":shown});
        let within = FileContent::Within { around: object(json!({"ttl":"24h"})), configuration: bare };
        assert_eq!(content("a", &written.to_string()), Ok(within));

        let status = json!({"id":"d1","name":"iris","url":"u","importance":"high","configuration":"c1","revision":2});
        let named = FileContent::Named {
            around: object(json!({"importance":"high"})),
            deployment: "d1".to_owned(),
            configuration: "c1".to_owned(),
        };
        assert_eq!(content("a", &status.to_string()), Ok(named));
    }

    #[test]
    fn terms_are_taken_alone_or_as_they_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy");
        let terms = json!({"name": "Two eyes", "approvals": 1});
        for text in [
            terms.to_string(),
            json!({"policy": {"id": "p1", "terms": terms}, "sentence": "s"}).to_string(),
            "name = \"Two eyes\"\napprovals = 1\n".to_owned(),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(super::terms(&path, "policy").unwrap(), terms);
        }
    }

    #[test]
    fn other_files_are_refused_with_the_place() {
        for (name, text, part) in [
            ("a.json", "{\"replicas\": 5,\n \"env\": }", "line 2 column 9"),
            ("a.toml", "replicas = 5\nmodels = [", "line 2"),
            ("a.toml", "x = nan", "not a number"),
            ("a", "[1]", "object"),
            ("a", r#"{"items":[],"next_cursor":null}"#, "list"),
            ("a", r#"{"configuration":3}"#, "neither"),
            ("a", r#"{"configuration":"c1"}"#, "no deployment"),
        ] {
            let error = content(name, text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let missing = read(Path::new("no/such/file")).unwrap_err().to_string();
        assert!(missing.starts_with("no/such/file cannot be read"), "{missing}");
    }
}
