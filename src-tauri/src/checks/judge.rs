//! Whether an answer to a sample request is one.

use std::fmt;

use domain::model::{Field, Tried, ValueKind};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

use super::ask::{Answer, LARGEST};

/// Most characters of an answer that are repeated.
const ECHO: usize = 500;
/// The same of a name in it.
const NAME: usize = 100;
/// Most names that are repeated.
const NAMES: usize = 10;
/// Most outputs that an answer may have.
const OUTPUTS: usize = 1_000;
/// Most bytes of an error that are looked into.
const ERROR: usize = 64 << 10;

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
    let good = (200..300).contains(&answer.status);
    if good && answer.body.len() > LARGEST {
        let why = format!("its answer to the sample request is larger than {LARGEST} bytes and is not looked into");
        return Tried::NotTried { why };
    }
    match problem(answer, expects) {
        None => Tried::Worked,
        Some(problem) if lenient && !good => Tried::GuessRefused { problem },
        Some(problem) => Tried::Failed { problem },
    }
}

fn problem(answer: &Answer, expects: &Expects) -> Option<String> {
    let body = &answer.body;
    if !(200..300).contains(&answer.status) {
        return Some(format!("it answers the sample request with status {}: {}", answer.status, said(body)));
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

/// The beginning of what may be long.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What does not fit the outputs that were told.
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

/// What MLflow's scoring server answers.
#[derive(Deserialize)]
struct Predictions {
    #[serde(default)]
    predictions: Option<Values>,
}

/// What the Open Inference Protocol answers.
#[derive(Deserialize)]
struct Outputs {
    #[serde(default, deserialize_with = "few")]
    outputs: Vec<Output>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    name: String,
    datatype: String,
    data: Values,
}

/// How many values there are; the values themselves are not kept.
#[derive(Clone, Copy, Default)]
struct Values {
    there: u64,
    missing: u64,
}

impl Values {
    const THERE: Self = Self { there: 1, missing: 0 };
    const MISSING: Self = Self { there: 0, missing: 1 };

    /// Whether there are values, and none of them is there.
    fn only_missing(self) -> bool {
        self.there == 0 && self.missing > 0
    }

    fn plus(self, other: Self) -> Self {
        Self { there: self.there + other.there, missing: self.missing + other.missing }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Count)
    }
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_str<E>(self, word: &str) -> Result<Values, E> {
        Ok(if word == "NaN" { Values::MISSING } else { Values::THERE })
    }

    fn visit_unit<E>(self) -> Result<Values, E> {
        Ok(Values::MISSING)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Values, A::Error> {
        let mut sum = Values::default();
        while let Some(next) = values.next_element()? {
            sum = sum.plus(next);
        }
        Ok(sum)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Values, A::Error> {
        let mut sum = Values::default();
        while let Some((IgnoredAny, next)) = fields.next_entry()? {
            sum = sum.plus(next);
        }
        Ok(sum)
    }
}

/// A list of outputs that is not kept beyond its bound.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Output>, D::Error> {
    struct Few;
    impl<'de> Visitor<'de> for Few {
        type Value = Vec<Output>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of outputs")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut outputs = Vec::new();
            while let Some(output) = list.next_element()? {
                if outputs.len() == OUTPUTS {
                    return Err(de::Error::custom(format_args!("it has more than {OUTPUTS} outputs")));
                }
                outputs.push(output);
            }
            Ok(outputs)
        }
    }
    deserializer.deserialize_seq(Few)
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
    let head = &body[..body.len().min(ERROR)];
    let text = String::from_utf8_lossy(head);
    // What is longer than that is not whole, and no JSON.
    let value = serde_json::from_slice::<Value>(head).unwrap_or_default();
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
    fn an_answer_of_any_size_costs_little_and_is_not_repeated() {
        let long = "n".repeat(100_000);
        let many: Vec<_> = (0..OUTPUTS).map(|_| output(&long[..200], "BYTES", json!([]))).collect();
        let expects = Expects::Outputs(vec![field("label", "STRING")]);
        for (outputs, words) in [
            (json!([output(&long, "BYTES", json!([]))]), "no output \"label\", only nnn"),
            (json!([output("label", &long, json!([]))]), "is nnn"),
            (json!(many), "and more"),
            (json!([many.clone(), vec![json!({})]].concat()), "more than 1000 outputs"),
            (json!(long), "cannot be read: invalid type: string \"nnn"),
            (json!([{"name": 7}]), "cannot be read"),
        ] {
            let Tried::Failed { problem } = judged(200, &json!({ "outputs": outputs }), &expects, false) else {
                panic!("{words}");
            };
            assert!(problem.contains(words) && problem.len() < 2_000, "{problem}");
        }
        for expects in [expects, Expects::Json, Expects::Predictions] {
            let large = Answer { status: 200, body: vec![b'['; LARGEST + 1].into() };
            assert!(matches!(judge(&large, &expects, false), Tried::NotTried { .. }));
            let deep = Answer { status: 200, body: vec![b'['; LARGEST].into() };
            assert!(matches!(judge(&deep, &expects, false), Tried::Failed { .. }));
        }
        let nested = format!("{{\"predictions\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let nested = Answer { status: 200, body: nested.into() };
        assert!(matches!(judge(&nested, &Expects::Predictions, false), Tried::Failed { .. }));
        assert_eq!(judge(&nested, &Expects::Json, false), Tried::Worked);
    }

    #[test]
    fn that_a_guess_is_refused_says_little_and_a_wrong_answer_to_it_is_still_wrong() {
        let refused = judged(422, &json!({"detail": "no"}), &Expects::Json, true);
        assert!(matches!(refused, Tried::GuessRefused { problem } if problem.contains("status 422: no")));
        assert!(matches!(judged(200, &json!({}), &Expects::Predictions, true), Tried::Failed { .. }));
    }
}
