//! Requests that do not fit the model.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::state::server;

#[tokio::test]
async fn a_request_that_does_not_fit_is_told_what_would() -> anyhow::Result<()> {
    let server = server().await?;
    let input = |name: &str, shape: Value, datatype: &str, data: Value| json!({"inputs": [{"name": name, "shape": shape, "datatype": datatype, "data": data}]});
    let four = json!([5.1, 3.5, 1.4, 0.2]);
    let infer = "/v2/models/iris/infer";
    let cases = [
        (infer, input("Z", json!([1, 4]), "FP32", four.clone()), 400, ["\"Z\"", "it takes \"X\""]),
        (infer, input("X", json!([1, 5]), "FP32", json!([1, 2, 3, 4, 5])), 400, ["[1, 5]", "takes [-1, 4]"]),
        (infer, input("X", json!([4]), "FP32", four.clone()), 400, ["has 1 dimension", "takes [-1, 4]"]),
        (infer, input("X", json!([1, 4]), "INT64", json!([1, 2, 3, 4])), 400, ["INT64", "takes FP32"]),
        (infer, input("X", json!([1, 4]), "FLOAT", four.clone()), 400, ["FLOAT", "takes FP32"]),
        (infer, input("X", json!([1, 4]), "FP32", json!([1, 2, 3])), 400, ["3 elements", "needs 4"]),
        (infer, input("X", json!([1, 4]), "FP32", json!([1, 2, 3, "4"])), 400, ["element 3 is text", "FP32"]),
        (infer, json!({"inputs": []}), 400, ["\"X\" is missing", "needs \"X\""]),
        (infer, json!("flower"), 400, ["a request is a JSON object", "the text \"flower\""]),
        ("/v2/models/rose/infer", input("X", json!([1, 4]), "FP32", four.clone()), 404, ["\"rose\"", "\"iris\""]),
    ];
    for (path, body, status, words) in cases {
        let (_, answer) = server.infer("iris", path, &body).await?;
        let said = answer.body["error"].as_str().unwrap_or_default();
        ensure!(answer.status == status && words.iter().all(|word| said.contains(word)), "{body}: {answer:#?}");
    }
    let (_, answer) = server.infer("rose", infer, &json!({})).await?;
    ensure!(answer.status == 404 && answer.body["code"] == "unknown_deployment", "{answer:#?}");
    let (_, answer) = server.infer("iris", infer, &input("X", json!([1, 4]), "FP32", four)).await?;
    ensure!(answer.status == 200 && answer.body["outputs"][0]["data"] == json!(["setosa"]), "{answer:#?}");
    Ok(())
}
