//! The `trees` runtime with files of real libraries, held against what their trainers' own `predict` says.

use std::path::Path;

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::host::{Replica, Start, model};
use crate::packages::{BUILDING, program};

/// Largest body that these replicas take.
pub(crate) const LARGEST: &str = "100000";

/// A replica of this file, once it serves.
pub(crate) async fn start(kind: &str, file: &Path) -> Replica {
    let start = program(Start::new().model(file), "trees").args(["--kind", kind, "--max-body-bytes", LARGEST]);
    let mut replica = start.spawn();
    replica.says_after("serves", BUILDING).await;
    replica
}

/// A replica of a file of `tests/models/trees`, the rows that its trainer was asked, and what it said.
async fn known(name: &str) -> (Replica, Vec<Value>, Vec<f64>) {
    let expected: Value = serde_json::from_slice(&std::fs::read(model("trees/expected.json")).unwrap()).unwrap();
    let expected = &expected[name];
    let replica = start(expected["kind"].as_str().unwrap(), &model("trees").join(name)).await;
    let predictions = expected["predictions"].as_array().unwrap().iter().map(|one| one.as_f64().unwrap());
    (replica, expected["rows"].as_array().unwrap().clone(), predictions.collect())
}

fn column(rows: &[Value], name: &str, datatype: &str) -> Value {
    let data: Vec<&Value> = rows.iter().map(|row| &row[name]).collect();
    json!({ "name": name, "shape": [rows.len()], "datatype": datatype, "data": data })
}

#[track_caller]
fn near(outputs: &[Value], expected: &[f64]) {
    let found: Vec<f64> = outputs[0]["data"].as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect();
    let near = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(near, "{found:?} {expected:?}");
}

async fn refused(replica: &Replica, inputs: Value, words: &str) {
    let (status, answer) = replica.infer_text(json!({ "inputs": inputs }).to_string()).await;
    let error = answer["error"].as_str().unwrap_or_default();
    assert!(status == StatusCode::BAD_REQUEST && error.contains(words), "{status} {answer} for {words}");
}

#[tokio::test]
async fn a_category_of_lightgbm_is_what_the_trainer_had_or_refused() {
    let (replica, rows, expected) = known("lgb_categories.txt").await;
    let (_, metadata) = replica.get("socket", "/v2/models/m").await;
    let described: Vec<_> = metadata["inputs"].as_array().unwrap().iter().map(|input| &input["datatype"]).collect();
    assert_eq!(json!(described), json!(["FP32", "BYTES", "INT64", "BOOL", "BYTES"]));
    let columns = |city: Value, code: Value, flag: Value| {
        let [amount, never] = [column(&rows, "amount", "FP64"), column(&rows, "never", "BYTES")];
        json!([amount, city, code, flag, never])
    };
    let city = || column(&rows, "city", "BYTES");
    let code = || column(&rows, "code", "INT64");
    let flag = || column(&rows, "flag", "BOOL");
    near(&replica.infer(columns(city(), code(), flag())).await, &expected);
    // A whole number means the same category in every type of numbers, and as it stands in the file.
    for datatype in ["FP32", "UINT8", "INT16", "FP64"] {
        near(&replica.infer(columns(city(), column(&rows, "code", datatype), flag())).await, &expected);
    }
    let texts: Vec<String> = rows.iter().map(|row| row["code"].to_string()).collect();
    let texts = json!({"name": "code", "shape": [rows.len()], "datatype": "BYTES", "data": texts});
    near(&replica.infer(columns(city(), texts, flag())).await, &expected);
    // A category that is missing is null in every type.
    let mut missing = rows.clone();
    missing
        .iter_mut()
        .for_each(|row| (row["city"], row["code"], row["flag"]) = (Value::Null, Value::Null, Value::Null));
    let [a, b, c] = [("city", "BYTES"), ("code", "INT64"), ("flag", "BOOL")]
        .map(|(name, datatype)| column(&missing, name, datatype));
    replica.infer(columns(a, b, c)).await;
    for (wrong, words) in [
        // The place of a category is not the category.
        (
            json!({"name": "code", "shape": [6], "datatype": "INT64", "data": [1, 1, 1, 1, 1, 1]}),
            "element 0 is 1, which is not a category of this column; its categories are 10, 20, 30",
        ),
        (
            json!({"name": "city", "shape": [6], "datatype": "INT64", "data": [0, 1, 2, 0, 1, 2]}),
            "element 0 is 0, which is not a category of this column; its categories are \"Bern\", \"Oslo\", \"Rome\"",
        ),
        (
            json!({"name": "city", "shape": [6], "datatype": "BYTES", "data": ["Bern", "bern", "Bern", "Bern", "Bern", "Bern"]}),
            "element 1 is \"bern\", which is not a category of this column",
        ),
        (
            json!({"name": "flag", "shape": [6], "datatype": "FP32", "data": [0, 1, 0, 1, 0, 1]}),
            "its categories are false, true",
        ),
        (
            json!({"name": "amount", "shape": [6], "datatype": "BYTES", "data": ["1", "2", "3", "4", "5", "6"]}),
            "datatype \"BYTES\" was given, and the model takes FP32",
        ),
        (json!({"name": "code", "shape": [6], "datatype": "FP32", "data": [10.5, 1, 1, 1, 1, 1]}), "element 0 is 10.5"),
    ] {
        let mut inputs = columns(city(), code(), flag());
        let place = inputs.as_array().unwrap().iter().position(|input| input["name"] == wrong["name"]).unwrap();
        inputs[place] = wrong;
        refused(&replica, inputs, words).await;
    }
    let whole = json!([{"name": "data", "shape": [1, 5], "datatype": "FP32", "data": [1, 0, 10, 0, 0]}]);
    refused(
        &replica,
        whole,
        "its column \"city\" takes \"Bern\", \"Oslo\", \"Rome\", which a tensor of numbers cannot hold",
    )
    .await;
    refused(&replica, json!([city(), code(), flag()]), "input \"amount\" is missing").await;
    let short = json!({"name": "amount", "shape": [1], "datatype": "FP32", "data": [1]});
    refused(&replica, json!([city(), short]), "it has 1 rows, and input \"city\" has 6").await;
    refused(&replica, json!([city(), city()]), "input \"city\" is given twice").await;
}

#[tokio::test]
async fn a_category_of_xgboost_is_what_the_trainer_had_or_refused() {
    let (replica, rows, expected) = known("xgb_categories.json").await;
    let columns = |code: Value| json!([code, column(&rows, "amount", "FP32"), column(&rows, "city", "BYTES")]);
    near(&replica.infer(columns(column(&rows, "code", "INT64"))).await, &expected);
    let places = json!({"name": "code", "shape": [6, 1], "datatype": "INT64", "data": [0, 1, 2, 0, 1, 2]});
    refused(
        &replica,
        columns(places),
        "element 0 is 0, which is not a category of this column; its categories are 10, 20, 30",
    )
    .await;
    let infinite = json!({"name": "amount", "shape": [6], "datatype": "FP64", "data": [0, 1e39, 0, 0, 0, 0]});
    let inputs = json!([column(&rows, "code", "INT64"), infinite, column(&rows, "city", "BYTES")]);
    refused(&replica, inputs, "element 1 is 1e39, and XGBoost takes finite numbers of 32 bits").await;
}

#[tokio::test]
async fn a_model_that_stopped_early_predicts_as_its_trainer_does() {
    let (replica, rows, expected) = known("xgb_stopped_early.json").await;
    let data = json!([{"name": "any", "shape": [6, 4], "datatype": "FP64", "data": rows}]);
    near(&replica.infer(data).await, &expected);
    let signature = changeover::packages::read(&model("trees/xgb_stopped_early.json"), u64::MAX).unwrap().signature;
    assert_eq!(signature.metadata["best_iteration"], "7");
}

#[tokio::test]
async fn a_model_without_names_takes_what_its_signature_says_and_what_was_said_before() {
    let file = model("trees/lgb_array.txt");
    let (replica, rows, expected) = known("lgb_array.txt").await;
    let signature = changeover::packages::read(&file, u64::MAX).unwrap().signature;
    let sample = |signature: &domain::model::Signature| {
        let model = "m@2".parse().unwrap();
        domain::model::sample(signature, domain::configuration::Runtime::Trees, &model).unwrap().body.to_string()
    };
    let (_, metadata) = replica.get("socket", "/v2/models/m").await;
    assert_eq!(metadata["inputs"], json!([{"name": "data", "datatype": "FP32", "shape": [-1, 4]}]));
    assert_eq!(replica.infer_text(sample(&signature)).await.0, StatusCode::OK);
    let data = json!([{"name": "input-0", "shape": [6, 4], "datatype": "FP64", "data": rows}]);
    near(&replica.infer(data).await, &expected);
    // Versions that were registered when made-up names were names have scripts that send these.
    let columns: Vec<Value> = (0..4)
        .map(|place| {
            let data: Vec<&Value> = rows.iter().map(|row| &row[place]).collect();
            json!({"name": format!("Column_{place}"), "shape": [6, 1], "datatype": "FP64", "data": data})
        })
        .collect();
    near(&replica.infer(json!(columns)).await, &expected);
    refused(&replica, json!([columns[0], columns[1]]), "is missing: the model needs one tensor of shape [-1, 4]").await;
}

#[tokio::test]
async fn a_file_whose_columns_cannot_be_told_apart_is_refused_in_words_and_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.txt");
    let text = std::fs::read_to_string(model("trees/lgb_categories.txt")).unwrap();
    std::fs::write(&file, text.replace(r#", ["same"]]"#, "]")).unwrap();
    let (status, said) = program(Start::new().model(&file), "trees").args(["--kind", "lightgbm"]).fails().await;
    assert_eq!(status, Some(78), "{said}");
    assert!(said.contains("the file lists the categories of 3 columns, but 4 columns are categorical"), "{said}");
}

#[tokio::test]
async fn a_library_that_refuses_a_file_is_quoted_without_places_in_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.json");
    let mut content: Value =
        serde_json::from_slice(&std::fs::read(model("trees/xgb_stopped_early.json")).unwrap()).unwrap();
    content["learner"]["gradient_booster"]["model"]["trees"][0]["sum_hessian"].as_array_mut().unwrap().pop();
    std::fs::write(&file, content.to_string()).unwrap();
    let mut replica = program(Start::new().model(&file), "trees").args(["--kind", "xgboost"]).spawn();
    let said = replica.says_after("the model cannot be loaded", BUILDING).await;
    assert!(said.contains("cannot be loaded: Check failed: sum_hessian.size()"), "{said}");
}
