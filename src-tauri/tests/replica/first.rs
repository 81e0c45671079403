//! Ready means that it answers: the sample request of the built-in runtime.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::host::Start;

/// A replica that is to answer one row of so many columns first.
fn asked(columns: usize, certainty: &str) -> Start {
    let input = json!({"name": "X", "shape": [1, columns], "datatype": "FP32", "data": vec![1.0; columns]});
    let request: Value = json!({"path": "/v2/models/m/infer", "body": {"inputs": [input]}, "certainty": certainty});
    let start = Start::onnx("iris-v1.onnx");
    let path = start.folder.path().join("sample.json");
    std::fs::write(&path, request.to_string()).unwrap();
    start.arg("--sample").arg(path)
}

#[tokio::test]
async fn what_a_person_says_is_asked_has_to_be_answered() {
    let mut replica = asked(3, "configured").spawn();
    replica.says("not ready yet: it answers the sample request with status 400").await;
    let (status, answer) = replica.get("control", "/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer["reason"].as_str().unwrap().contains("shape [1, 3] was given"), "{answer}");
    replica.signal(rustix::process::Signal::TERM);
    assert_eq!(replica.ended().await, Some(0), "it can be told to end meanwhile");
    let good = asked(4, "configured").ready().await;
    assert_eq!(good.get("control", "/ready").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_made_up_request_that_is_refused_keeps_nobody_from_serving() {
    for certainty in ["stated", "guessed"] {
        let replica = asked(3, certainty).ready().await;
        assert_eq!(replica.get("control", "/ready").await.0, StatusCode::OK);
    }
}
