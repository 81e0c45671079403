//! Ready means that a replica answers: the request that it is sent before it gets others, the answers that count, and
//! the moment at which a replica whose first answers all fail is taken out again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::{Configuration, Runtime, Sample};
use crate::id::ModelRef;
use crate::model::{self, CustomPackage, PackageKind, Signature};

/// The number of failed answers in a row, the first ones that a replica gives, for which it is taken out.
const FIRST: u32 = 5;

/// The time in seconds for which a replica is asked again that answers a made-up request with an error of its own. Then
/// it gets requests: the request may be what is wrong.
pub const DOUBT_SECONDS: u64 = 30;

words! {
    /// The certainty that a request is one that the model takes.
    pub enum Certainty {
        /// A person says so.
        Configured = "configured",
        /// It was made from a signature that says all that it holds.
        Stated = "stated",
        /// It holds a guess.
        Guessed = "guessed",
    }
}

/// The request that a replica is sent before it gets others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstRequest {
    /// The route that it goes to with `POST`.
    pub path: String,
    /// The JSON that is sent.
    pub body: Value,
    /// The certainty that the model takes it.
    pub certainty: Certainty,
}

/// The model of a replica, as far as a request goes.
#[derive(Clone, Copy, Debug)]
pub struct RequestedModel<'a> {
    /// The name and the version of the model.
    pub model: &'a ModelRef,
    /// The kind of its package.
    pub kind: PackageKind,
    /// The signature of the model.
    pub signature: &'a Signature,
    /// The way in which a custom package is run.
    pub custom: Option<&'a CustomPackage>,
}

/// The request that a replica with this configuration is sent before it gets others; none where nothing says what a
/// request holds, where nobody wants one, and of a model that runs elsewhere.
pub fn request(configuration: &Configuration, asked: Option<RequestedModel<'_>>) -> Option<FirstRequest> {
    let runtime = configuration.runtime;
    if runtime == Runtime::External || configuration.sample_request == Sample::None {
        return None;
    }
    let route = configuration.serving_routes(asked.and_then(|asked| asked.custom)).predict;
    let path = asked.map_or(route.clone(), |asked| route.replace("{model}", asked.model.name.as_str()));
    if let Sample::Body(body) = &configuration.sample_request {
        return Some(FirstRequest { path, body: body.clone(), certainty: Certainty::Configured });
    }
    let asked = asked?;
    // An MLflow directory tells of columns, and the ONNX file inside takes tensors.
    if asked.signature.inputs.is_empty() || (runtime == Runtime::Onnx && asked.kind == PackageKind::Mlflow) {
        return None;
    }
    let made = model::sample(asked.signature, runtime, asked.model)?;
    // What a program that is configured with the model takes is its own affair.
    let own = matches!(runtime, Runtime::Command | Runtime::Custom) && asked.kind != PackageKind::Custom;
    let certainty = if made.guessed || own { Certainty::Guessed } else { Certainty::Stated };
    Some(FirstRequest { path, body: made.body, certainty })
}

/// The finding of an answer to the first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The replica answers.
    Answers,
    /// The replica fails, and may be right in that.
    Doubtful,
    /// The replica does not answer yet.
    NotYet,
}

/// The finding of an answer with this status. To a request that was made up, a status below 500 is an answer: the
/// program is there and has judged it. To a request that a person has configured, only a status from 200 to 299 is one.
pub fn shown(status: u16, certainty: Certainty) -> Shown {
    match (status, certainty) {
        (200..300, _) => Shown::Answers,
        (_, Certainty::Configured) | (408 | 425 | 429 | 502..=504, _) => Shown::NotYet,
        (500.., Certainty::Stated) => Shown::Doubtful,
        _ => Shown::Answers,
    }
}

/// The evidence that an answer to a client gives of a replica that is new. A `status` of `None` is no answer: the
/// connection broke, or it took too long. An answer below 400 proves the replica; the client's own fault (400 to 499)
/// says nothing.
pub fn proves(status: Option<u16>) -> Option<bool> {
    match status {
        Some(..400) => Some(true),
        Some(400..500) => None,
        Some(_) | None => Some(false),
    }
}

/// True when a replica that has failed so often, and has answered nothing yet, is to be taken out.
pub fn all_fail(failed: u32) -> bool {
    failed >= FIRST
}

/// The reason for which a replica is taken out.
pub fn why() -> String {
    format!("its first {FIRST} answers all failed (status 500 or above, or none)")
}

/// The time in seconds for which a replica that was taken out for the n-th time, counted from 1, is left alone: 10, 20,
/// 40, then a minute each time. It is not started again: its program may still load its model.
pub fn rest_seconds(times: u32) -> u64 {
    10_u64.saturating_mul(1 << times.saturating_sub(1).min(10)).min(60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Dimension, Field};

    fn configuration(value: Value) -> Configuration {
        serde_json::from_value(value).unwrap()
    }

    fn signature(shape: Vec<Dimension>) -> Signature {
        let input: Field = serde_json::from_value(json!({"name": "X", "datatype": "FLOAT"})).unwrap();
        Signature { inputs: vec![Field { shape: Some(shape), ..input }], ..Signature::default() }
    }

    #[test]
    fn what_is_asked_comes_from_the_configuration_or_the_signature() {
        let model: ModelRef = "iris@1".parse().unwrap();
        let stated = signature(vec![Dimension::Unknown, Dimension::Fixed(2)]);
        let open = signature(vec![Dimension::Unknown, Dimension::Unknown]);
        let none = Signature::default();
        let ask = |value: Value, kind, signature| {
            request(&configuration(value), Some(RequestedModel { model: &model, kind, signature, custom: None }))
        };
        let certainty = |value: Value, kind, signature| ask(value, kind, signature).map(|made| made.certainty);
        use Certainty::*;
        use PackageKind::*;
        for (value, kind, signature, expected) in [
            (json!({}), Onnx, &stated, Some(Stated)),
            (json!({}), Onnx, &open, Some(Guessed)),
            (json!({}), Onnx, &none, None),
            (json!({}), Mlflow, &stated, None),
            (json!({"runtime": "mlflow"}), Mlflow, &stated, Some(Stated)),
            (json!({"runtime": "command", "command": ["x"]}), Onnx, &stated, Some(Guessed)),
            (json!({"runtime": "custom"}), Custom, &stated, Some(Stated)),
            (json!({"runtime": "custom"}), Custom, &none, None),
            (json!({"runtime": "external"}), External, &stated, None),
            (json!({"sample_request": "none"}), Onnx, &stated, None),
            (json!({"sample_request": {"body": {"x": 1}}}), Onnx, &none, Some(Configured)),
        ] {
            assert_eq!(certainty(value.clone(), kind, signature), expected, "{value} {kind:?}");
        }
        let made = ask(json!({"sample_request": {"body": [1]}, "routes": {"predict": "/score/{model}"}}), Onnx, &none);
        let made = made.unwrap();
        assert_eq!((made.path.as_str(), made.body), ("/score/iris", json!([1])));
        let alone =
            configuration(json!({"runtime": "command", "sample_request": {"body": 7}, "routes": {"predict": "/ask"}}));
        assert_eq!(request(&alone, None).unwrap().path, "/ask");
        assert_eq!(request(&configuration(json!({"runtime": "command"})), None), None);
    }

    #[test]
    fn which_answer_counts() {
        use Certainty::*;
        use Shown::*;
        for (status, configured, stated, guessed) in [
            (200, Answers, Answers, Answers),
            (302, NotYet, Answers, Answers),
            (400, NotYet, Answers, Answers),
            (404, NotYet, Answers, Answers),
            (429, NotYet, NotYet, NotYet),
            (500, NotYet, Doubtful, Answers),
            (503, NotYet, NotYet, NotYet),
            (504, NotYet, NotYet, NotYet),
            (599, NotYet, Doubtful, Answers),
        ] {
            let found = [Configured, Stated, Guessed].map(|certainty| shown(status, certainty));
            assert_eq!(found, [configured, stated, guessed], "{status}");
        }
        let proofs = [200, 304, 400, 499, 500, 503].map(|status| proves(Some(status)));
        assert_eq!(proofs, [Some(true), Some(true), None, None, Some(false), Some(false)]);
        assert_eq!(proves(None), Some(false));
        assert_eq!([4, 5].map(all_fail), [false, true]);
        assert_eq!([1, 2, 3, 9, u32::MAX].map(rest_seconds), [10, 20, 40, 60, 60]);
    }
}
