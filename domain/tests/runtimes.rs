//! The runtime that runs a package, whatever its configuration says.

use domain::configuration::Runtime::{self, Command, Custom, External, Mlflow, Onnx, Trees};
use domain::model::RegisteredModel;
use serde_json::json;

fn model(kind: &str, flavors: &[&str]) -> RegisteredModel {
    let fields = json!({
        "name": "iris", "version": 1, "kind": kind, "digest": "0".repeat(64), "size": 1,
        "signature": {"format": "onnx", "inputs": [], "outputs": [], "flavors": flavors},
        "tags": {}, "properties": {}, "description": "", "registered_at": "2026-01-01T00:00:00Z",
        "registered_by": "cli",
    });
    serde_json::from_value(fields).expect("it is a registered model")
}

/// A kind, its flavours, and what runs it for each runtime that is asked for.
type Row<'a> = (&'a str, &'a [&'a str], &'a [(Runtime, Runtime)]);

#[test]
fn a_package_runs_where_it_can() {
    let table: [Row<'_>; 6] = [
        ("onnx", &[], &[(Onnx, Onnx), (Trees, Onnx), (External, Onnx), (Command, Command)]),
        ("mlflow", &["sklearn"], &[(Mlflow, Mlflow), (Onnx, Mlflow), (Custom, Mlflow), (Command, Command)]),
        // Its ONNX flavour needs no Python; who asks for MLflow's own server gets it.
        ("mlflow", &["onnx", "python_function"], &[(Onnx, Onnx), (Mlflow, Mlflow), (Trees, Onnx), (Command, Command)]),
        ("xgboost", &[], &[(Trees, Trees), (Onnx, Trees), (Command, Command)]),
        ("custom", &[], &[(Custom, Custom), (Onnx, Custom), (Command, Command)]),
        ("external", &[], &[(External, External), (Onnx, External)]),
    ];
    for (kind, flavors, wanted) in table {
        for (asked, runs) in wanted {
            assert_eq!(model(kind, flavors).runs_in(*asked), *runs, "{kind} {flavors:?} in {asked:?}");
        }
    }
}
