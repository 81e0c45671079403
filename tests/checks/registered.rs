//! The version's own word, once it is registered, on whether the runtime itself can load it.

use std::path::Path;

use anyhow::ensure;
use serde_json::{Value, json};
use tests::server::{Server, model_file};

const INFER: &str = "/v2/models/any/infer";

/// The outcome of loading a file of `tests/models`.
async fn loads(server: &Server, name: &str, file: &str) -> anyhow::Result<Value> {
    server.register(name, file).await?;
    Ok(server.get(&format!("/models/{name}/versions/1")).await?["loads"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_runtime_cannot_load_is_known_when_it_is_registered() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "no-shapes.onnx", "every-datatype.onnx", "fruit-text-zipmap.onnx", "loop.onnx"] {
        let name = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert_eq!(loads(&server, name, file).await?, json!({"result": "worked"}), "{file}");
    }
    for (name, file, words) in [
        ("operator", "iris-v3-unknown-operator.onnx", "is not a registered function/op"),
        ("types", "types-do-not-fit.onnx", "Type Error"),
    ] {
        let loads = loads(&server, name, file).await?;
        let problem = loads["problem"].as_str().unwrap_or_default();
        ensure!(loads["result"] == "failed" && problem.contains(words), "{file}: {loads}");
        ensure!(!problem.contains(&*server.data().to_string_lossy()), "it tells where the file is: {problem}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_library_nothing_is_claimed() -> anyhow::Result<()> {
    let no_library = model_file("README.md");
    let server = Server::start_with(&["--onnxruntime", &no_library.to_string_lossy()]).await?;
    let loads = loads(&server, "iris", "iris-v1.onnx").await?;
    let why = loads["why"].as_str().unwrap_or_default();
    ensure!(loads["result"] == "not_tried" && why.contains("is not a usable ONNX Runtime library"), "{loads}");
    Ok(())
}

/// A model whose file states no shapes takes tensors of any.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_states_no_shape_is_no_single_value() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("any", "no-shapes.onnx").await?;
    let version = server.get("/models/any/versions/1").await?;
    assert_eq!(version["signature"]["inputs"][0]["shape"], Value::Null);
    server.deploy("any", json!({"models": ["any@1"]})).await?;
    let metadata = reqwest::get(format!("http://{}/any/v2/models/any", server.gateway)).await?;
    let metadata: Value = metadata.json().await?;
    assert_eq!(metadata["inputs"][0]["shape"], Value::Null);
    for (shape, data) in [(json!([2, 2]), json!([1, 2, 3, 4])), (json!([]), json!([1])), (json!([1, 0, 3]), json!([]))]
    {
        let request = json!({"inputs": [{"name": "x", "shape": shape, "datatype": "FP32", "data": data}]});
        let (_, answer) = server.infer("any", INFER, &request).await?;
        assert_eq!(answer.body["outputs"][0]["shape"], shape, "{answer:?}");
    }
    let wrong = json!({"inputs": [{"name": "x", "shape": [-1, 2], "datatype": "FP32", "data": [1, 2]}]});
    let (_, answer) = server.infer("any", INFER, &wrong).await?;
    ensure!(answer.status == 400 && answer.body.to_string().contains("no length is below 0"), "{answer:?}");
    Ok(())
}
