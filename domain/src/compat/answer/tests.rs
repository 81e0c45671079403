//! Answers that are right, wrong, missing, large and deep.

use serde_json::json;

use super::*;
use values::MOST_OUTPUTS;

fn field(name: &str, datatype: &str) -> Field {
    serde_json::from_value(json!({"name": name, "datatype": datatype})).unwrap()
}

fn judged(status: u16, body: &Value, expects: &Expects, lenient: bool) -> Tried {
    judge(status, body.to_string().as_bytes(), expects, lenient)
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
    assert!(
        matches!(judge(200, b"<html>", &Expects::Json, true), Tried::Failed { problem } if problem.contains("<html>"))
    );
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
    let many: Vec<_> = (0..MOST_OUTPUTS).map(|_| output(&long[..200], "BYTES", json!([]))).collect();
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
        let large = vec![b'['; LARGEST + 1];
        assert!(matches!(judge(200, &large, &expects, false), Tried::NotTried { .. }));
        assert!(matches!(judge(200, &large[1..], &expects, false), Tried::Failed { .. }));
    }
    let nested = format!("{{\"predictions\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(judge(200, nested.as_bytes(), &Expects::Predictions, false), Tried::Failed { .. }));
    assert_eq!(judge(200, nested.as_bytes(), &Expects::Json, false), Tried::Worked);
}

#[test]
fn that_a_guess_is_refused_says_little_and_a_wrong_answer_to_it_is_still_wrong() {
    let refused = judged(422, &json!({"detail": "no"}), &Expects::Json, true);
    assert!(matches!(refused, Tried::GuessRefused { problem } if problem.contains("status 422: no")));
    assert!(matches!(judged(200, &json!({}), &Expects::Predictions, true), Tried::Failed { .. }));
}
