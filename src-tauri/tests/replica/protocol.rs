//! The Open Inference Protocol against real models.

use http_body_util::Full;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use crate::host::Start;

/// True when two lists of numbers are the same but for rounding.
fn near(found: &Value, expected: &[f64]) -> bool {
    let found: Vec<f64> = found.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect();
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4)
}

#[tokio::test]
async fn a_server_and_its_model_describe_themselves() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    for path in ["/v2/health/live", "/v2/health/ready", "/v2/models/m/ready", "/v2/models/m/versions/2/ready"] {
        assert_eq!(replica.get("socket", path).await.0, StatusCode::OK, "{path}");
    }
    for path in ["/", "/v2"] {
        let (_, server) = replica.get("socket", path).await;
        assert_eq!((&server["name"], &server["extensions"]), (&json!("changeover"), &json!(["binary_tensor_data"])));
    }
    let described = json!({
        "name": "m",
        "versions": ["2"],
        "platform": "onnx_onnxv1",
        "inputs": [{ "name": "X", "datatype": "FP32", "shape": [-1, 4] }],
        "outputs": [
            { "name": "label", "datatype": "BYTES", "shape": [-1] },
            { "name": "probabilities", "datatype": "FP32", "shape": [-1, 3] },
        ],
    });
    for path in ["/v2/models/m", "/v2/models/m/versions/2"] {
        assert_eq!(replica.get("socket", path).await, (StatusCode::OK, described.clone()));
    }
    for (path, error) in [
        ("/v2/models/n", "there is no model \"n\" here; this deployment serves model \"m\" version 2"),
        ("/v2/models/m/versions/1", "there is no version \"1\" here; this deployment serves model \"m\" version 2"),
        ("/v3", "there is no route /v3; this is an Open Inference Protocol server, see GET /v2"),
    ] {
        assert_eq!(replica.get("socket", path).await, (StatusCode::NOT_FOUND, json!({ "error": error })));
    }
    let (status, answer) = replica.get("socket", "/v2/models/m/infer").await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::METHOD_NOT_ALLOWED, &json!("GET is not allowed for /v2/models/m/infer"))
    );
}

#[tokio::test]
async fn a_classifier_answers_label_and_probabilities_however_the_rows_are_nested() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let flat = json!([5.1, 3.5, 1.4, 0.2, 6.2, 2.9, 4.3, 1.3]);
    let nested = json!([[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]);
    for data in [flat, nested] {
        let body = json!({ "id": "a", "inputs": [{ "name": "X", "shape": [2, 4], "datatype": "FP32", "data": data }] });
        let (status, answer) = replica.infer_text(body.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(
            (&answer["model_name"], &answer["model_version"], &answer["id"]),
            (&json!("m"), &json!("2"), &json!("a"))
        );
        let label = json!({ "name": "label", "datatype": "BYTES", "shape": [2], "data": ["setosa", "versicolor"] });
        assert_eq!(answer["outputs"][0], label);
        assert_eq!(answer["outputs"][1]["shape"], json!([2, 3]));
        assert!(near(&answer["outputs"][1]["data"], &[0.98158, 0.01842, 0.0, 0.00849, 0.93510, 0.05640]), "{answer}");
    }
}

#[tokio::test]
async fn only_the_wanted_outputs_are_answered_in_the_wanted_order() {
    let replica = Start::onnx("iris-v2.onnx").ready().await;
    let input = json!({ "name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2] });
    for wanted in [vec!["probabilities"], vec!["probabilities", "label"]] {
        let outputs: Vec<Value> = wanted.iter().map(|name| json!({ "name": name })).collect();
        let (_, answer) = replica.infer_text(json!({ "inputs": [input], "outputs": outputs }).to_string()).await;
        let names: Vec<&Value> = answer["outputs"].as_array().unwrap().iter().map(|output| &output["name"]).collect();
        assert_eq!(names, wanted);
    }
}

#[tokio::test]
async fn a_regressor_takes_a_tensor_per_column_in_any_order() {
    let replica = Start::onnx("diabetes-v1.onnx").ready().await;
    let columns = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
    let row = [0.038, 0.051, 0.062, 0.022, -0.044, -0.035, -0.043, -0.003, 0.020, -0.018];
    let column =
        |place: usize| json!({ "name": columns[place], "shape": [1, 1], "datatype": "FP32", "data": [row[place]] });
    let forward = replica.infer((0..10).map(column).collect()).await;
    let backward = replica.infer((0..10).rev().map(column).collect()).await;
    assert_eq!(forward, backward);
    assert_eq!(forward[0]["shape"], json!([1, 1]));
    let predicted = forward[0]["data"][0].as_f64().unwrap();
    assert!((150.0..220.0).contains(&predicted), "{predicted}");
}

#[tokio::test]
async fn a_zipmap_becomes_a_tensor_and_its_classes_a_parameter() {
    let replica = Start::onnx("fruit-text-zipmap.onnx").ready().await;
    let input = json!([{ "name": "colour", "shape": [2, 1], "datatype": "BYTES", "data": [["red"], ["yellow"]] }]);
    let outputs = replica.infer(input).await;
    assert_eq!(outputs[0]["data"], json!(["apple", "banana"]));
    assert_eq!((&outputs[1]["shape"], &outputs[1]["datatype"]), (&json!([2, 2]), &json!("FP32")));
    assert_eq!(outputs[1]["parameters"]["class_labels"], json!(r#"["apple","banana"]"#));
    assert!(near(&outputs[1]["data"], &[0.98201, 0.01799, 0.01799, 0.98201]), "{outputs:?}");

    let replica = Start::onnx("sign-number-zipmap.onnx").ready().await;
    let outputs = replica.infer(json!([{ "name": "x", "shape": [1, 1], "datatype": "FP32", "data": [3] }])).await;
    assert_eq!(outputs[0]["data"], json!([1]));
    assert_eq!(outputs[1]["parameters"]["class_labels"], json!(r#"["-1","1"]"#));
}

/// Every datatype with two values, in JSON and as the bytes that the binary form has for them.
fn every_datatype() -> Vec<(&'static str, &'static str, Value, Vec<u8>)> {
    fn bytes<const N: usize>(elements: [[u8; N]; 2]) -> Vec<u8> {
        elements.concat()
    }
    vec![
        ("bool", "BOOL", json!([true, false]), vec![1, 0]),
        ("uint8", "UINT8", json!([0, u8::MAX]), vec![0, 255]),
        ("uint16", "UINT16", json!([1, u16::MAX]), bytes([1, u16::MAX].map(u16::to_le_bytes))),
        ("uint32", "UINT32", json!([1, u32::MAX]), bytes([1, u32::MAX].map(u32::to_le_bytes))),
        ("uint64", "UINT64", json!([1, u64::MAX]), bytes([1, u64::MAX].map(u64::to_le_bytes))),
        ("int8", "INT8", json!([1, i8::MIN]), bytes([1, i8::MIN].map(i8::to_le_bytes))),
        ("int16", "INT16", json!([1, i16::MIN]), bytes([1, i16::MIN].map(i16::to_le_bytes))),
        ("int32", "INT32", json!([1, i32::MIN]), bytes([1, i32::MIN].map(i32::to_le_bytes))),
        ("int64", "INT64", json!([1, i64::MIN]), bytes([1, i64::MIN].map(i64::to_le_bytes))),
        ("fp16", "FP16", json!([1.5, -2.0]), vec![0x00, 0x3e, 0x00, 0xc0]),
        ("bf16", "BF16", json!([1.5, -2.0]), vec![0xc0, 0x3f, 0x00, 0xc0]),
        ("fp32", "FP32", json!([0.1, -2.0]), bytes([0.1, -2.0].map(f32::to_le_bytes))),
        ("fp64", "FP64", json!([0.1, 1e308]), bytes([0.1, 1e308].map(f64::to_le_bytes))),
        ("text", "BYTES", json!(["Größe", ""]), b"\x07\0\0\0Gr\xc3\xb6\xc3\x9fe\0\0\0\0".to_vec()),
    ]
}

#[tokio::test]
async fn every_datatype_goes_in_and_out_as_json() {
    let replica = Start::onnx("every-datatype.onnx").ready().await;
    let input = |(name, datatype, data, _): &(&str, &str, Value, Vec<u8>)| json!({ "name": name, "datatype": datatype, "shape": [1, 2], "data": data });
    let outputs = replica.infer(every_datatype().iter().map(input).collect()).await;
    for ((_, datatype, data, _), output) in every_datatype().iter().zip(&outputs) {
        assert_eq!((output["datatype"].as_str(), &output["data"]), (Some(*datatype), data));
    }
}

#[tokio::test]
async fn every_datatype_goes_in_and_out_in_binary_form() {
    let replica = Start::onnx("every-datatype.onnx").ready().await;
    let input = |(name, datatype, _, bytes): &(&str, &str, Value, Vec<u8>)| json!({ "name": name, "datatype": datatype, "shape": [1, 2], "parameters": { "binary_data_size": bytes.len() } });
    let inputs: Vec<Value> = every_datatype().iter().map(input).collect();
    let head = json!({ "inputs": inputs, "parameters": { "binary_data_output": true } }).to_string();
    let tensors: Vec<u8> = every_datatype().into_iter().flat_map(|(_, _, _, bytes)| bytes).collect();
    let request = Request::post("/v2/models/m/infer")
        .header("host", "replica")
        .header("inference-header-content-length", head.len())
        .body(Full::from([head.as_bytes(), &tensors].concat()))
        .unwrap();
    let response = replica.send("socket", request).await;

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    let length: usize = response.headers()["inference-header-content-length"].to_str().unwrap().parse().unwrap();
    let (head, answered) = response.body().split_at(length);
    assert_eq!(answered, tensors);
    let head: Value = serde_json::from_slice(head).unwrap();
    for ((_, datatype, _, bytes), output) in every_datatype().iter().zip(head["outputs"].as_array().unwrap()) {
        assert_eq!(output["datatype"], *datatype);
        assert_eq!(output["parameters"]["binary_data_size"], bytes.len());
        assert_eq!(output.get("data"), None);
    }
}

#[tokio::test]
async fn what_json_cannot_say_is_null_and_stays_what_it_is_in_binary_form() {
    let replica = Start::onnx("every-datatype.onnx").ready().await;
    let mut inputs: Vec<Value> = every_datatype()
        .iter()
        .map(|(name, datatype, data, _)| json!({ "name": name, "datatype": datatype, "shape": [1, 2], "data": data }))
        .collect();
    let place = every_datatype().iter().position(|(name, ..)| *name == "fp32").unwrap();
    inputs[place]["data"] = json!([null, 1]);
    let outputs = replica.infer(json!(inputs)).await;
    assert_eq!(outputs[place]["data"], json!([null, 1.0]));

    let outputs = json!([{ "name": "fp32_out", "parameters": { "binary_data": true } }]);
    let body = json!({ "inputs": inputs, "outputs": outputs }).to_string();
    let request = Request::post("/v2/models/m/infer").header("host", "replica").body(Full::from(body)).unwrap();
    let response = replica.send("socket", request).await;
    let tensor = response.body().last_chunk::<8>().unwrap();
    assert!(f32::from_le_bytes(*tensor.first_chunk().unwrap()).is_nan());
}
