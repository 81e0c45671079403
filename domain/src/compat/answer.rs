//! Judges the answer that a scratch replica gave to a sample request: it is one of the model's, or says what is wrong.

mod values;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::model::{Field, Tried, ValueKind};
use values::{Output, Outputs, Predictions};

/// Largest answer that is looked into, in bytes.
pub const LARGEST: usize = 8 << 20;
/// Most characters of an answer that are repeated.
const ECHO: usize = 500;
/// Most characters of a name in it that are repeated.
const NAME: usize = 100;
/// Most names that are repeated.
const NAMES: usize = 10;
/// Most bytes of an error that are looked into.
const ERROR: usize = 64 << 10;

/// The form that an answer must have.
#[derive(Clone, Debug)]
pub enum Expects {
    /// These outputs, in the words of the Open Inference Protocol.
    Outputs(Vec<Field>),
    /// `predictions`, as MLflow's scoring server answers.
    Predictions,
    /// JSON.
    Json,
}

/// Judges an answer with this HTTP status; of a body that is longer than [`LARGEST`], its beginning, longer too, is enough.
/// `lenient` is for a request that holds a guess: a refusal says little of the model then.
pub fn judge(status: u16, body: &[u8], expects: &Expects, lenient: bool) -> Tried {
    let good = (200..300).contains(&status);
    if good && body.len() > LARGEST {
        let why = format!("its answer to the sample request is larger than {LARGEST} bytes and is not looked into");
        return Tried::NotTried { why };
    }
    match problem(status, body, expects) {
        None => Tried::Worked,
        Some(problem) if lenient && !good => Tried::GuessRefused { problem },
        Some(problem) => Tried::Failed { problem },
    }
}

/// The fault of an answer, in a sentence.
fn problem(status: u16, body: &[u8], expects: &Expects) -> Option<String> {
    if !(200..300).contains(&status) {
        return Some(format!("it answers the sample request with status {status}: {}", said(body)));
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(body) {
        return Some(format!("its answer is no JSON ({error}): {}", said(body)));
    }
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let unusual = |error: serde_json::Error| format!("its answer cannot be read: {}", cut(&error.to_string(), ECHO));
    match expects {
        Expects::Json => None,
        Expects::Predictions if !is_object => Some("its answer has no predictions".to_owned()),
        Expects::Predictions => match serde_json::from_slice(body) {
            Ok(Predictions { predictions: None }) => Some("its answer has no predictions".to_owned()),
            Ok(Predictions { predictions: Some(values) }) => values.only_missing().then(nothing),
            Err(error) => Some(unusual(error)),
        },
        Expects::Outputs(_) if !is_object => Some("its answer has no outputs".to_owned()),
        Expects::Outputs(expected) => match serde_json::from_slice(body) {
            Ok(Outputs { outputs }) => wrong(&outputs, expected),
            Err(error) => Some(unusual(error)),
        },
    }
}

fn nothing() -> String {
    "every number of its answer is missing (NaN)".to_owned()
}

/// The beginning of a text that may be long, with an ellipsis where it is cut off.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The difference from the outputs that are expected, if there is one.
fn wrong(outputs: &[Output], expected: &[Field]) -> Option<String> {
    if outputs.is_empty() {
        return Some("its answer has no outputs".to_owned());
    }
    for field in expected.iter().filter(|field| field.kind != ValueKind::Optional && !field.name.is_empty()) {
        let name = cut(&field.name, NAME);
        let Some(output) = outputs.iter().find(|output| output.name == field.name) else {
            let there: Vec<_> = outputs.iter().take(NAMES).map(|output| cut(&output.name, NAME)).collect();
            let more = if outputs.len() > NAMES { " and more" } else { "" };
            return Some(format!("its answer has no output \"{name}\", only {}{more}", there.join(", ")));
        };
        let plain = matches!(field.kind, ValueKind::Tensor | ValueKind::Column);
        if let Some(told) = protocol(&field.datatype).filter(|told| plain && *told != output.datatype) {
            let datatype = cut(&output.datatype, NAME);
            return Some(format!("its output \"{name}\" is {datatype}, and its signature says {told}"));
        }
    }
    // Labels beside numbers are an answer of their own.
    let missing = |output: &Output| output.datatype.starts_with("FP") && output.data.only_missing();
    outputs.iter().all(missing).then(nothing)
}

/// The protocol's word for a datatype of a file; none where the file does not say it, or the protocol has none.
fn protocol(datatype: &str) -> Option<&'static str> {
    Some(match datatype {
        "BOOL" => "BOOL",
        "UINT8" => "UINT8",
        "UINT16" => "UINT16",
        "UINT32" => "UINT32",
        "UINT64" => "UINT64",
        "INT8" => "INT8",
        "INT16" => "INT16",
        "INT32" => "INT32",
        "INT64" => "INT64",
        "FLOAT16" | "FP16" => "FP16",
        "BFLOAT16" | "BF16" => "BF16",
        "FLOAT" | "FP32" => "FP32",
        "DOUBLE" | "FP64" => "FP64",
        "STRING" | "BYTES" => "BYTES",
        _ => return None,
    })
}

/// An error as people read it: the sentence in it where it has one.
pub fn said(body: &[u8]) -> String {
    let head = &body[..body.len().min(ERROR)];
    let text = String::from_utf8_lossy(head);
    // A longer one is not whole here, and no JSON.
    let value = serde_json::from_slice::<Value>(head).unwrap_or_default();
    let sentence = ["error", "message", "detail"].iter().find_map(|key| value[*key].as_str());
    let words: Vec<_> = sentence.unwrap_or(&text).split_whitespace().collect();
    words.join(" ").chars().take(ECHO).collect()
}

#[cfg(test)]
mod tests;
