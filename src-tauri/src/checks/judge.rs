//! Whether an answer to a sample request is one.

use domain::compat::Tried;
use domain::model::{Field, ValueKind};
use serde_json::Value;

use super::ask::Answer;

/// Most characters of an answer that are repeated.
const ECHO: usize = 500;

/// What an answer must hold.
#[derive(Debug)]
pub(super) enum Expects {
    /// These outputs, in the words of the Open Inference Protocol.
    Outputs(Vec<Field>),
    /// `predictions`, as MLflow's scoring server answers.
    Predictions,
    /// JSON.
    Json,
}

/// Judges it. `lenient` is for a request that holds a guess: that it was refused says little of the model.
pub(super) fn judge(answer: &Answer, expects: &Expects, lenient: bool) -> Tried {
    match problem(answer, expects) {
        None => Tried::Worked,
        Some(problem) if lenient && !(200..300).contains(&answer.status) => Tried::NotTried {
            why: format!("what a request holds is not wholly known, and a guess was not taken: {problem}"),
        },
        Some(problem) => Tried::Failed { problem },
    }
}

fn problem(answer: &Answer, expects: &Expects) -> Option<String> {
    if !(200..300).contains(&answer.status) {
        return Some(format!("it answers the sample request with status {}: {}", answer.status, said(&answer.body)));
    }
    let value: Value = match serde_json::from_slice(&answer.body) {
        Ok(value) => value,
        Err(error) => return Some(format!("its answer is no JSON ({error}): {}", said(&answer.body))),
    };
    match expects {
        Expects::Json => None,
        Expects::Predictions => match value.get("predictions") {
            None => Some("its answer has no predictions".to_owned()),
            Some(predictions) => only_missing(predictions).then(nothing),
        },
        Expects::Outputs(outputs) => wrong(&value, outputs),
    }
}

fn nothing() -> String {
    "every number of its answer is missing (NaN)".to_owned()
}

/// What does not fit the outputs that were told.
fn wrong(value: &Value, expected: &[Field]) -> Option<String> {
    let Some(outputs) = value["outputs"].as_array().filter(|outputs| !outputs.is_empty()) else {
        return Some("its answer has no outputs".to_owned());
    };
    let text = |output: &Value, key| output[key].as_str().unwrap_or_default().to_owned();
    for field in expected.iter().filter(|field| field.kind != ValueKind::Optional && !field.name.is_empty()) {
        let Some(output) = outputs.iter().find(|output| output["name"] == *field.name) else {
            let there: Vec<_> = outputs.iter().map(|output| text(output, "name")).collect();
            return Some(format!("its answer has no output \"{}\", only {}", field.name, there.join(", ")));
        };
        let datatype = text(output, "datatype");
        let plain = matches!(field.kind, ValueKind::Tensor | ValueKind::Column);
        if let Some(told) = protocol(&field.datatype).filter(|told| plain && *told != datatype) {
            return Some(format!("its output \"{}\" is {datatype}, and its signature says {told}", field.name));
        }
    }
    let numbers = outputs.iter().filter(|output| text(output, "datatype").starts_with("FP"));
    let mut numbers = numbers.map(|output| &output["data"]).peekable();
    // Labels beside them are an answer of their own.
    let alone = outputs.iter().all(|output| text(output, "datatype").starts_with("FP"));
    (alone && numbers.peek().is_some() && numbers.all(only_missing)).then(nothing)
}

/// Whether there are values, and none of them is there.
fn only_missing(value: &Value) -> bool {
    fn count(value: &Value, there: &mut u64, missing: &mut u64) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| count(value, there, missing)),
            Value::Object(fields) => fields.values().for_each(|value| count(value, there, missing)),
            Value::Null => *missing += 1,
            Value::String(word) if word == "NaN" => *missing += 1,
            _ => *there += 1,
        }
    }
    let (mut there, mut missing) = (0, 0);
    count(value, &mut there, &mut missing);
    there == 0 && missing > 0
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
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 << 10)]).into_owned();
    let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let sentence = ["error", "message", "detail"].iter().find_map(|key| value[*key].as_str());
    let words: Vec<_> = sentence.unwrap_or(&text).split_whitespace().collect();
    words.join(" ").chars().take(ECHO).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, datatype: &str) -> Field {
        serde_json::from_value(json!({"name": name, "datatype": datatype})).unwrap()
    }

    fn judged(status: u16, body: &Value, expects: &Expects, lenient: bool) -> Tried {
        judge(&Answer { status, body: body.to_string().into() }, expects, lenient)
    }

    #[track_caller]
    fn fails(status: u16, body: &Value, expects: &Expects, words: &str) {
        match judged(status, body, expects, false) {
            Tried::Failed { problem } => assert!(problem.contains(words), "{problem}"),
            other => panic!("{other:?}"),
        }
    }

    fn output(name: &str, datatype: &str, data: Value) -> Value {
        json!({"name": name, "datatype": datatype, "shape": [1], "data": data})
    }

    #[test]
    fn an_answer_of_the_protocol_holds_what_the_signature_says() {
        let expects = Expects::Outputs(vec![field("label", "STRING"), field("scores", "FLOAT")]);
        let outputs = |a: Value, b: Value| json!({"outputs": [a, b]});
        let (label, scores) = (output("label", "BYTES", json!(["a"])), output("scores", "FP32", json!([0.5])));
        assert_eq!(judged(200, &outputs(label.clone(), scores.clone()), &expects, false), Tried::Worked);
        fails(
            200,
            &outputs(label.clone(), output("score", "FP32", json!([1]))),
            &expects,
            "no output \"scores\", only label, score",
        );
        fails(
            200,
            &outputs(label.clone(), output("scores", "FP64", json!([1]))),
            &expects,
            "is FP64, and its signature says FP32",
        );
        fails(200, &json!({"outputs": []}), &expects, "no outputs");
        fails(400, &json!({"error": "the  input\n is wrong"}), &expects, "status 400: the input is wrong");
        // A label says something even where the scores do not.
        let missing = output("scores", "FP32", json!([null, null]));
        assert_eq!(judged(200, &outputs(label, missing.clone()), &expects, false), Tried::Worked);
        fails(200, &json!({"outputs": [missing]}), &Expects::Outputs(Vec::new()), "NaN");
        let text = Answer { status: 200, body: "<html>".into() };
        assert!(matches!(judge(&text, &Expects::Json, true), Tried::Failed { problem } if problem.contains("<html>")));
    }

    #[test]
    fn predictions_are_there_and_not_all_missing() {
        assert_eq!(judged(200, &json!({"predictions": ["a"]}), &Expects::Predictions, false), Tried::Worked);
        assert_eq!(judged(200, &json!({"predictions": []}), &Expects::Predictions, false), Tried::Worked);
        fails(200, &json!({"predictions": [{"x": null}]}), &Expects::Predictions, "NaN");
        fails(200, &json!(["a"]), &Expects::Predictions, "no predictions");
    }

    #[test]
    fn that_a_guess_is_refused_says_little_and_a_wrong_answer_to_it_is_still_wrong() {
        let refused = judged(422, &json!({"detail": "no"}), &Expects::Json, true);
        assert!(matches!(refused, Tried::NotTried { why } if why.contains("status 422: no")));
        assert!(matches!(judged(200, &json!({}), &Expects::Predictions, true), Tried::Failed { .. }));
    }
}
