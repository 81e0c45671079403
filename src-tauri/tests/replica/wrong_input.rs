//! Requests that are wrong, each told what is wrong with it, and none of them the end of the replica.

use http_body_util::Full;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use crate::host::Start;

#[tokio::test]
async fn a_wrong_request_is_told_which_input_is_wrong_and_what_was_expected() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let x = |changes: Value| {
        let mut input = json!({ "name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4] });
        for (key, value) in changes.as_object().unwrap() {
            input[key] = value.clone();
        }
        json!({ "inputs": [input] }).to_string()
    };
    let table = [
        (x(json!({ "name": "Y" })), "the model has no input \"Y\"; it takes \"X\""),
        (x(json!({ "datatype": "FP64" })), "input \"X\": datatype \"FP64\" was given, and the model takes FP32"),
        (
            x(json!({ "shape": [4] })),
            "input \"X\": the shape has 1 dimensions, and the model takes [-1, 4], where -1 is any length",
        ),
        (
            x(json!({ "shape": [1, 5] })),
            "input \"X\": shape [1, 5] was given, and the model takes [-1, 4], where -1 is any length",
        ),
        (
            x(json!({ "shape": [-1, 4] })),
            "input \"X\": shape [-1, 4] was given, and the model takes [-1, 4], where -1 is any length",
        ),
        (
            x(json!({ "shape": [i64::MAX, 4] })),
            "input \"X\": shape [9223372036854775807, 4] has more elements than can be counted",
        ),
        (
            x(json!({ "shape": [1_000_000_000_000_i64, 4] })),
            "input \"X\": the data has 4 elements, and shape [1000000000000, 4] needs 4000000000000 at line 1 column 28",
        ),
        (
            x(json!({ "data": [1, 2, 3] })),
            "input \"X\": the data has 3 elements, and shape [1, 4] needs 4 at line 1 column 26",
        ),
        (
            x(json!({ "data": [1, 2, 3, 4, 5] })),
            "input \"X\": the data has more elements than the 4 of shape [1, 4] at line 1 column 29",
        ),
        (
            x(json!({ "data": [[1, 2], [3, 4]] })),
            "input \"X\": the data is not nested as shape [1, 4] says: an array of 2 stands at depth 1 at line 1 column 25",
        ),
        (
            x(json!({ "data": [1, "two", 3, 4] })),
            "input \"X\": element 1 is text, which is not FP32 at line 1 column 27",
        ),
        (
            x(json!({ "data": [1, true, 3, 4] })),
            "input \"X\": element 1 is true, which is not FP32 at line 1 column 26",
        ),
        (
            x(json!({ "data": [1, 1e300, 3, 4] })),
            "input \"X\": element 1 is 1e300, which is not FP32 at line 1 column 28",
        ),
        (x(json!({ "data": 7 })), "input \"X\": \"data\" is not a list at line 1 column 20"),
        (x(json!({ "parameters": { "binary_data_size": 16 } })), "input \"X\": it has both data and binary_data_size"),
        (
            x(json!({ "parameters": { "shared_memory_region": "r" } })),
            "the parameter \"shared_memory_region\" is not supported by this server",
        ),
        (json!({ "inputs": [] }).to_string(), "input \"X\" is missing: the model needs \"X\""),
        (
            json!({}).to_string(),
            "the request has no \"inputs\"; it is a JSON object, {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}",
        ),
        (
            "{\"inputs\": [\n  {\"name\" \"X\"}]}".to_owned(),
            "the body is not JSON: expected `:`, at line 2 column 11; a request is a JSON object, {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}",
        ),
        (
            String::new(),
            "the body is empty; a request is a JSON object, {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}",
        ),
        (
            format!(
                r#"{{"inputs":[{{"name":"X","shape":[1,4],"datatype":"FP32","data":{}{}}}]}}"#,
                "[".repeat(100_000),
                "]".repeat(100_000)
            ),
            "input \"X\": it is nested too deeply at line 1 column 190",
        ),
    ];
    for (body, error) in table {
        let (status, answer) = replica.infer_text(body.clone()).await;
        let shown = &body[..body.len().min(200)];
        assert_eq!((status, answer), (StatusCode::BAD_REQUEST, json!({ "error": error })), "{shown}");
    }
    let input = json!({ "name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4] });
    for (body, error) in [
        (json!({ "inputs": [input, input] }), "input \"X\" is given twice"),
        (
            json!({ "inputs": [input], "outputs": [{ "name": "z" }] }),
            "the model has no output \"z\"; it gives \"label\", \"probabilities\"",
        ),
        (
            json!({ "inputs": [input], "outputs": [{ "name": "label", "parameters": { "classification": 2 } }] }),
            "the parameter \"classification\" is not supported by this server",
        ),
    ] {
        assert_eq!(replica.infer_text(body.to_string()).await, (StatusCode::BAD_REQUEST, json!({ "error": error })));
    }
    // After all of it the replica answers as before.
    assert_eq!(replica.infer(json!([input])).await.len(), 2);
}

#[tokio::test]
async fn binary_data_that_does_not_fit_is_refused() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let head = |size: usize| {
        json!({ "inputs": [{ "name": "X", "shape": [1, 4], "datatype": "FP32", "parameters": { "binary_data_size": size } }] }).to_string()
    };
    let table = [
        (head(15), None, 15, "input \"X\": its binary data has 15 bytes, and 4 elements of FP32 need 16"),
        (head(16), None, 15, "input \"X\": binary_data_size is 16, and only 15 bytes of binary data are left"),
        (head(16), None, 17, "1 bytes are left over after the binary data of the last input"),
        (head(16), Some("1000"), 0, "Inference-Header-Content-Length is 1000, and the body has only 94 bytes"),
        (head(16), Some("x"), 0, "Inference-Header-Content-Length is not a number of bytes"),
    ];
    for (head, length, bytes, error) in table {
        let length = length.map_or_else(|| head.len().to_string(), str::to_owned);
        let body = [head.as_bytes(), &vec![0; bytes]].concat();
        let request = Request::post("/v2/models/m/infer")
            .header("host", "replica")
            .header("inference-header-content-length", length)
            .body(Full::from(body))
            .unwrap();
        let response = replica.send("socket", request).await;
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status(), answer), (StatusCode::BAD_REQUEST, json!({ "error": error })));
    }
}

#[tokio::test]
async fn text_that_a_model_cannot_hold_is_refused() {
    let replica = Start::onnx("fruit-text-zipmap.onnx").ready().await;
    let input = json!([{ "name": "colour", "shape": [1, 1], "datatype": "BYTES", "data": ["re\u{0}d"] }]);
    let (status, answer) = replica.infer_text(json!({ "inputs": input }).to_string()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_or_not_it_says_its_length() {
    let replica = Start::onnx("iris-v1.onnx").args(["--max-body-bytes", "200"]).ready().await;
    let body =
        json!({ "inputs": [{ "name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4] }] }).to_string();
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
    assert_eq!(replica.infer_text(padded(200)).await.0, StatusCode::OK);
    let error = json!({ "error": "the request body is larger than 200 bytes, the limit of this deployment" });
    assert_eq!(replica.infer_text(padded(201)).await, (StatusCode::PAYLOAD_TOO_LARGE, error.clone()));

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = replica.connect("socket").await.unwrap();
    let head = "POST /v2/models/m/infer HTTP/1.1\r\nhost: replica\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunked = format!("{head}{:x}\r\n{}\r\n{:x}\r\n{}\r\n", 150, " ".repeat(150), 51, " ".repeat(51));
    stream.write_all(chunked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with(&error.to_string()), "{answer}");
}

#[tokio::test]
async fn a_compressed_body_is_refused_rather_than_misread() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let request = Request::post("/v2/models/m/infer")
        .header("host", "replica")
        .header("content-encoding", "gzip")
        .body(Full::from("x"))
        .unwrap();
    assert_eq!(replica.send("socket", request).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
