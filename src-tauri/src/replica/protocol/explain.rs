//! Says in the words of whoever sent a request why it cannot be read. Only for requests that cannot.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::quoted::quoted;

/// The form of a request.
const FORM: &str = "{\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}";

/// Longest request that is looked through member by member: as values, it takes many times its length.
const EXPLAINED: usize = 1 << 20;

/// The sentence for a request that the reader gave up with `cause`.
pub(super) fn what_is_wrong(json: &[u8], cause: &serde_json::Error) -> String {
    if json.trim_ascii().is_empty() {
        return format!("the body is empty; a request is a JSON object, {FORM}");
    }
    // What is wrong with a member may stand before what is no JSON at all.
    let not_json = if cause.is_data() { serde_json::from_slice::<IgnoredAny>(json).err() } else { None };
    let cause = not_json.as_ref().unwrap_or(cause);
    let at = format!("line {} column {}", cause.line(), cause.column());
    let is_text = str::from_utf8(json).is_ok();
    if !is_text || !cause.is_data() {
        let why = if !is_text {
            "it is not UTF-8".to_owned()
        } else if cause.is_eof() {
            "it ends too early".to_owned()
        } else {
            without_place(cause)
        };
        return format!("the body is not JSON: {why}, at {at}; a request is a JSON object, {FORM}");
    }
    let read = || serde_json::from_slice(json).ok();
    let value: Option<Value> = if json.len() <= EXPLAINED { read() } else { None };
    let twice =
        cause.to_string().strip_prefix("duplicate field `").and_then(|rest| Some(rest.split_once('`')?.0.to_owned()));
    match (value.as_ref().and_then(complaint), twice) {
        (Some(complaint), _) => complaint,
        (None, Some(name)) => format!("an object of the request has {} twice, at {at}", quoted(&name)),
        (None, None) => format!("the request cannot be read at {at}; a request is a JSON object, {FORM}"),
    }
}

/// The first member that is missing or of the wrong kind.
fn complaint(value: &Value) -> Option<String> {
    let Value::Object(request) = value else {
        return Some(format!("a request is a JSON object, {FORM}, and this one is {}", kind(value)));
    };
    let inputs = match request.get("inputs") {
        None => return Some(format!("the request has no \"inputs\"; it is a JSON object, {FORM}")),
        Some(Value::Array(inputs)) => inputs,
        Some(other) => return Some(format!("\"inputs\" is {}; it is a list of objects", kind(other))),
    };
    let inputs = inputs.iter().enumerate().find_map(|(place, input)| self::input(place, input));
    inputs.or_else(|| member(request, "the request", "id", "text", Value::is_string)).or_else(|| {
        member(request, "the request", "outputs", "a list of objects", Value::is_array)
            .or_else(|| parameters(request, "the request"))
            .or_else(|| {
                let outputs = request.get("outputs")?.as_array()?;
                outputs.iter().enumerate().find_map(|(place, output)| self::output(place, output))
            })
    })
}

fn input(place: usize, value: &Value) -> Option<String> {
    let Value::Object(input) = value else {
        return Some(format!("input {place} is {}; it is an object with name, shape, datatype and data", kind(value)));
    };
    let whole = |shape: &Value| shape.as_array().is_some_and(|shape| shape.iter().all(Value::is_i64));
    let who = called("input", place, input);
    needed(input, &who, "name", "text", Value::is_string)
        .or_else(|| needed(input, &who, "shape", "a list of whole numbers", whole))
        .or_else(|| needed(input, &who, "datatype", "text, for example \"FP32\"", Value::is_string))
        .or_else(|| parameters(input, &who))
}

fn output(place: usize, value: &Value) -> Option<String> {
    let Value::Object(output) = value else {
        return Some(format!("output {place} is {}; it is an object with a name", kind(value)));
    };
    let who = called("output", place, output);
    needed(output, &who, "name", "text", Value::is_string).or_else(|| parameters(output, &who))
}

fn called(what: &str, place: usize, object: &Map<String, Value>) -> String {
    match object.get("name") {
        Some(Value::String(name)) => format!("{what} {}", quoted(name)),
        _ => format!("{what} {place}"),
    }
}

fn parameters(object: &Map<String, Value>, who: &str) -> Option<String> {
    if let Some(complaint) = member(object, who, "parameters", "an object", Value::is_object) {
        return Some(complaint);
    }
    let parameters = object.get("parameters")?.as_object()?;
    let who = format!("\"parameters\" of {who}");
    member(parameters, &who, "binary_data_size", "a whole number of bytes", Value::is_u64)
        .or_else(|| member(parameters, &who, "binary_data", "true or false", Value::is_boolean))
        .or_else(|| member(parameters, &who, "binary_data_output", "true or false", Value::is_boolean))
}

/// A member that must be there.
fn needed(
    object: &Map<String, Value>,
    who: &str,
    name: &str,
    is: &str,
    good: impl Fn(&Value) -> bool,
) -> Option<String> {
    match object.get(name) {
        None => Some(format!("{who} has no \"{name}\"; it is {is}")),
        Some(value) if !good(value) => Some(format!("\"{name}\" of {who} is {}; it is {is}", kind(value))),
        Some(_) => None,
    }
}

/// A member that may be left out, or be null.
fn member(
    object: &Map<String, Value>,
    who: &str,
    name: &str,
    is: &str,
    good: impl Fn(&Value) -> bool,
) -> Option<String> {
    let value = object.get(name).filter(|value| !value.is_null() && !good(value))?;
    Some(format!("\"{name}\" of {who} is {}; it is {is}", kind(value)))
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The error's sentence without serde's "at line … column …", which counts from the start of the data.
pub(super) fn without_place(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    let sentence = text.rsplit_once(" at line ").map_or(text.as_str(), |(sentence, _)| sentence);
    match sentence {
        "recursion limit exceeded" => "it is nested too deeply".to_owned(),
        "number out of range" => "it holds a number that is too large".to_owned(),
        other => other.to_owned(),
    }
}

/// Line and column in the whole request of an error in `data`, which is a part of `json`.
pub(super) fn place(json: &[u8], data: &str, cause: &serde_json::Error) -> String {
    let before = (data.as_ptr() as usize).saturating_sub(json.as_ptr() as usize).min(json.len());
    let lines = json[..before].iter().filter(|&&byte| byte == b'\n').count();
    let column = before - json[..before].iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
    let column = if cause.line() <= 1 { column + cause.column().max(1) } else { cause.column() };
    format!("line {} column {column}", lines + cause.line().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::protocol::Sent;

    fn said(json: &str) -> String {
        what_is_wrong(json.as_bytes(), &Sent::read(json.as_bytes(), &[]).unwrap_err())
    }

    #[test]
    fn a_long_request_is_explained_without_being_taken_apart() {
        let short = r#"{"inputs":[{"data":[0]}]}"#;
        assert_eq!(said(short), "input 0 has no \"name\"; it is text");
        let long = short.replace('0', &"0,".repeat(EXPLAINED / 2 + 1));
        let long = long.replace(",]", "]");
        let place = long.len() - 2;
        assert_eq!(
            said(&long),
            format!("the request cannot be read at line 1 column {place}; a request is a JSON object, {FORM}")
        );
        assert!(said(&long[..long.len() - 1]).starts_with("the body is not JSON: it ends too early"));
    }

    #[test]
    fn what_is_no_json_is_said_in_its_own_words() {
        let deep = format!(r#"{{"inputs":[{{"data":{}{}}}]}}"#, "[".repeat(999), "]".repeat(999));
        assert!(said(&deep).starts_with("the request cannot be read at line 1"), "{}", said(&deep));
        assert!(said(r#"{"inputs":[7]"#).starts_with("the body is not JSON: it ends too early"));
        assert!(said(r#"{"inputs":[7],x}"#).starts_with("the body is not JSON: key must be a string, at line 1"));
    }
}
