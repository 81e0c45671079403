//! A `user_config` for the built-in runtime and for a program, at the start and while it runs.

use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::host::{Replica, Start};

fn flowers(rows: usize) -> Value {
    let data = [5.1, 3.5, 1.4, 0.2].repeat(rows);
    json!([{ "name": "X", "shape": [rows, 4], "datatype": "FP32", "data": data }])
}

/// The first two outputs for one request.
async fn answers(replica: &Replica, inputs: Value) -> (Value, Value) {
    let outputs = replica.infer(inputs).await;
    (outputs[0].clone(), outputs[1].clone())
}

async fn taken(replica: &Replica, revision: u32, user_config: Value) {
    let (status, said) = replica.give(revision, user_config).await;
    assert_eq!((status, said.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(replica.get("control", "/identity").await.1["revision"], revision);
}

#[tokio::test]
async fn a_threshold_moves_the_label_and_leaves_the_scores() {
    // A map from class to score, with text and with numbers for classes.
    let replica = Start::onnx("fruit-text-zipmap.onnx").args(["--user-config", r#"{"threshold":0.01}"#]).ready().await;
    let red = || json!([{ "name": "colour", "shape": [1, 1], "datatype": "BYTES", "data": ["red"] }]);
    let (label, scores) = answers(&replica, red()).await;
    assert_eq!(label["data"], json!(["banana"]), "the score of banana is 0.018: {scores}");
    taken(&replica, 4, json!({ "threshold": 0.02 })).await;
    let (label, unchanged) = answers(&replica, red()).await;
    assert_eq!((&label["data"], &unchanged), (&json!(["apple"]), &scores));

    let replica = Start::onnx("sign-number-zipmap.onnx").ready().await;
    let two = || json!([{ "name": "x", "shape": [2, 1], "datatype": "FP32", "data": [0.5, 3.0] }]);
    assert_eq!(answers(&replica, two()).await.0["data"], json!([1, 1]));
    taken(&replica, 4, json!({ "threshold": 0.99 })).await;
    assert_eq!(answers(&replica, two()).await.0["data"], json!([-1, 1]));

    // A tensor with a column per class.
    let replica = Start::onnx("iris-columns-two-classes.onnx").ready().await;
    let flower = || {
        let columns = [("sepal_length", 5.1), ("sepal_width", 3.5), ("petal_length", 1.4), ("petal_width", 0.2)];
        json!(columns.map(|(name, cm)| json!({ "name": name, "shape": [1, 1], "datatype": "FP32", "data": [cm] })))
    };
    let (label, scores) = answers(&replica, flower()).await;
    assert_eq!(label["data"], json!(["setosa"]));
    let second = scores["data"][1].as_f64().unwrap();
    taken(&replica, 4, json!({ "threshold": second })).await;
    assert_eq!(
        answers(&replica, flower()).await,
        (json!({ "data": ["versicolor"], "datatype": "BYTES", "name": "label", "shape": [1] }), scores)
    );
}

#[tokio::test]
async fn labels_are_answered_in_place_of_the_classes() {
    let replica = Start::onnx("iris-v1.onnx").args(["--user-config", r#"{"labels":["s","t","u"]}"#]).ready().await;
    assert_eq!(answers(&replica, flowers(2)).await.0["data"], json!(["s", "s"]));
    taken(&replica, 4, json!({ "labels": ["Borsten", "bunt", "virginisch"], "other": [1] })).await;
    assert_eq!(answers(&replica, flowers(1)).await.0["data"], json!(["Borsten"]));
    // What is no longer given is the model's again.
    taken(&replica, 5, json!({})).await;
    assert_eq!(answers(&replica, flowers(1)).await.0["data"], json!(["setosa"]));

    // Numbers become text, which the description of the model says too; a map names its columns anew.
    let replica = Start::onnx("sign-number-zipmap.onnx").ready().await;
    let label = async || replica.get("socket", "/v2/models/m").await.1["outputs"][0]["datatype"].clone();
    assert_eq!(label().await, "INT64");
    taken(&replica, 4, json!({ "labels": ["minus", "plus"], "threshold": 0.99 })).await;
    assert_eq!(label().await, "BYTES");
    let (label, scores) =
        answers(&replica, json!([{ "name": "x", "shape": [1, 1], "datatype": "FP32", "data": [0.5] }])).await;
    assert_eq!(label, json!({ "name": "label", "datatype": "BYTES", "shape": [1], "data": ["minus"] }));
    assert_eq!(scores["parameters"]["class_labels"], r#"["minus","plus"]"#);
}

#[tokio::test]
async fn a_request_with_too_many_rows_is_refused() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    taken(&replica, 4, json!({ "batch_limit": 2 })).await;
    assert_eq!(replica.infer(flowers(2)).await[0]["data"], json!(["setosa", "setosa"]));
    let (status, answer) = replica.infer_text(json!({ "inputs": flowers(3) }).to_string()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer["error"], "the request has 3 rows, and this deployment takes at most 2 at once (batch_limit)");
}

#[tokio::test]
async fn what_does_not_apply_to_the_model_is_refused_and_changes_nothing() {
    for (file, user_config, sentence) in [
        (
            "iris-v1.onnx",
            json!({ "labels": ["a", "b"] }),
            "labels: 2 names are given, and this model has 3 (setosa, versicolor, virginica)",
        ),
        (
            "iris-v1.onnx",
            json!({ "threshold": 0.3 }),
            "threshold: it chooses between two classes, and this model has 3 (setosa, versicolor, virginica)",
        ),
        ("iris-v1.onnx", json!({ "threshold": 3 }), "threshold: a probability above 0, at most 1"),
        (
            "diabetes-v1.onnx",
            json!({ "threshold": 0.3 }),
            "threshold: this model's file names no classes to choose between",
        ),
        (
            "diabetes-v1.onnx",
            json!({ "labels": ["a"] }),
            "labels: this model's file names no classes that names could stand for",
        ),
        (
            "loop.onnx",
            json!({ "batch_limit": 3 }),
            "batch_limit: no input of this model leaves the number of rows open",
        ),
    ] {
        let replica = Start::onnx(file).ready().await;
        let (status, said) = replica.give(9, user_config.clone()).await;
        assert_eq!((status, said.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, sentence));
        assert_eq!(replica.get("control", "/identity").await.1["revision"], 3);
        let (status, said) = Start::onnx(file).args(["--user-config", &user_config.to_string()]).fails().await;
        assert_eq!(status, Some(78));
        assert!(said.contains(&format!("the user_config cannot be used: {sentence}")), "{said}");
    }
    let replica = Start::onnx("iris-v1.onnx").args(["--user-config", r#"{"labels":["s","t","u"]}"#]).ready().await;
    assert_eq!(replica.give(9, json!({ "labels": [] })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answers(&replica, flowers(1)).await.0["data"], json!(["s"]));
}

#[tokio::test]
async fn a_program_is_given_it_on_its_route() {
    let program = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = program.local_addr().unwrap().port().to_string();
    let start = || Start::new().listens(&program).args(["--runtime", "command", "--port", &port]);
    let (first, second) = (start(), start());
    // The test answers in the program's place.
    let answers = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in ["204 No Content\r\n\r\n", "400 Bad Request\r\ncontent-length: 11\r\n\r\nnot\n today."] {
            let (mut stream, _) = program.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            while !request[..length].ends_with(b"}") {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            asked.push(String::from_utf8_lossy(&request[..length]).into_owned());
            stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await.unwrap();
        }
        asked
    });
    let mut replica = first.args(["--reconfigure-path", "/new", "--", "sleep", "600"]).spawn();
    replica.says("started the program").await;
    taken(&replica, 4, json!({ "a": 1 })).await;
    let (status, said) = replica.give(5, json!({ "a": 2 })).await;
    assert_eq!(
        (status, said.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "the program's route /new answers 400: not today.")
    );
    assert_eq!(replica.get("control", "/identity").await.1["revision"], 4);
    for (asked, body) in answers.await.unwrap().into_iter().zip([r#"{"a":1}"#, r#"{"a":2}"#]) {
        assert!(asked.starts_with("POST /new HTTP/1.1\r\n") && asked.ends_with(&format!("\r\n\r\n{body}")), "{asked}");
    }

    let mut replica = second.args(["--", "sleep", "600"]).spawn();
    replica.says("started the program").await;
    assert_eq!(replica.give(4, json!({})).await.0, StatusCode::UNPROCESSABLE_ENTITY, "it has no route for that");
}
