//! Signatures of all releases of MLflow, and descriptions that are refused.

mod environment;

use std::fs;

use domain::compat::CheckName;
use domain::model::{Dimension, Format, Task, ValueKind};

use super::*;

fn described(text: &str) -> Signature {
    describe(text.as_bytes()).unwrap().signature
}

/// A description with this signature.
fn with(signature: &str) -> String {
    format!("flavors:\n  python_function:\n    loader_module: x\nmlflow_version: 2.9.2\nsignature:\n{signature}")
}

#[test]
fn columns_of_every_release_are_read() {
    let old = described(&with(
        r#"  inputs: '[{"name": "a", "type": "double"}, {"name": "b", "type": "long", "optional": true}]'
  outputs: null
"#,
    ));
    let columns: Vec<_> =
        old.inputs.iter().map(|c| (c.name.as_str(), c.datatype.as_str(), c.required, c.kind)).collect();
    assert_eq!(columns, [("a", "double", true, ValueKind::Column), ("b", "long", false, ValueKind::Column)]);
    assert_eq!((old.absent, old.outputs.len(), old.parameters.len()), (false, 0, 0));
    let nested = described(&with(
        r#"  inputs: '[{"type":"array","items":{"type":"double"},"name":"v","required":true},
    {"type":"object","properties":{"id":{"type":"long","required":true},"note":{"type":"string","required":false}},"name":"o"},
    {"type":"map","values":{"type":"array","items":{"type":"long"}},"name":"m"}, {"type":"any","name":"x"}]'
"#,
    ));
    let types: Vec<_> = nested.inputs.iter().map(|column| column.datatype.as_str()).collect();
    assert_eq!(types, ["array(double)", "object(id: long, note?: string)", "map(array(long))", "any"]);
}

#[test]
fn columns_that_are_called_by_a_number_have_it_as_their_name() {
    let names = |inputs: &str| {
        let signature = described(&with(&format!("  inputs: '{inputs}'\n")));
        signature.inputs.into_iter().map(|column| column.name).collect::<Vec<_>>()
    };
    assert_eq!(names(r#"[{"name": 0, "type": "long"}, {"name": 1, "type": "long"}]"#), ["0", "1"]);
    assert_eq!(names(r#"[{"type": "long"}, {"name": null, "type": "long"}]"#), ["", ""]);
}

#[test]
fn what_is_wrong_with_a_description_is_said_in_words_of_its_own() {
    let said = |text: &str| describe(text.as_bytes()).unwrap_err().to_string();
    let bomb = format!("a: &a [{}]\nb: &b [{}]\nc: [{}]\n", "x,".repeat(200), "*a,".repeat(60), "*b,".repeat(60));
    for (text, words) in [
        ("<!DOCTYPE html><html></html>", "it looks like a web page (HTML)"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it looks like a Git LFS pointer"),
        ("artifact_path: model\n", "it names no flavour"),
        ("flavors: {x: 1}\nflavors: {y: 2}\n", "it says flavors twice"),
        ("flavors: {x: 1}\n---\na: 1\n", "it holds more than one document"),
        (&"[".repeat(1000), "it nests or repeats more than a description of a model does"),
        (&bomb, "it nests or repeats more than a description of a model does"),
        ("flavors: {x: 1}\nsignature: none\n", "its signature is neither left out nor a list"),
    ] {
        assert!(said(text).contains(words), "{}", said(text));
    }
}

#[test]
fn tensors_and_parameters_are_read() {
    let signature = described(&with(
        r#"  inputs: '[{"name":"x","type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,28,28]}}]'
  outputs: '[{"type":"tensor","tensor-spec":{"dtype":"int64","shape":[-1]}}]'
  params: '[{"name":"t","dtype":"float","default":0.5,"shape":null},{"name":"s","type":"string","default":["a"],"shape":[-1]}]'
"#,
    ));
    let [input] = signature.inputs.as_slice() else { panic!("one input") };
    assert_eq!((input.name.as_str(), input.kind, input.datatype.as_str()), ("x", ValueKind::Tensor, "float32"));
    let shape = vec![Dimension::Unknown, Dimension::Fixed(28), Dimension::Fixed(28)];
    assert_eq!(input.shape, Some(shape));
    assert_eq!(signature.parameters[0].datatype, "float");
    assert_eq!(signature.parameters[1].shape, Some(vec![Dimension::Unknown]));
    assert_eq!(signature.producer, "MLflow 2.9.2");
}

#[test]
fn numbers_that_json_has_no_words_for_are_read_as_python_writes_them() {
    let params = r#"[{"name":"a","type":"double","default":Infinity,"shape":null},{"name":"NaN, \\\"-Infinity","type":"double","default":[NaN,-Infinity,0.5],"shape":[-1]}]"#;
    let text = with(&format!("  inputs: '[]'\n  params: '{params}'\n")) + "metadata: {a: .inf, b: .nan, c: [-.inf]}\n";
    let signature = described(&text);
    assert_eq!(signature.parameters[0].default, "Infinity");
    assert_eq!(signature.parameters[1].name, "NaN, \\\"-Infinity");
    assert_eq!(signature.parameters[1].default, serde_json::json!(["NaN", "-Infinity", 0.5]));
    assert_eq!((&*signature.metadata["a"], &*signature.metadata["b"]), (".inf", ".nan"));
}

#[test]
fn without_a_signature_it_is_absent_and_metadata_still_speaks() {
    let text = "flavors: {sklearn: {pickled_model: m.pkl}}\nmlflow_version: 1.30\nrun_id: 7\nsignature: null\n\
                metadata: {task: time_series_forecast, forecast_horizon: 7, segment_column: store, class_names: null}\n";
    let signature = described(text);
    assert!(signature.absent);
    assert_eq!((signature.run_id.as_deref(), signature.target.task), (Some("7"), Some(Task::Regression)));
    let series = signature.series.unwrap();
    assert_eq!((series.horizon, series.segment_column.as_deref()), (Some(7), Some("store")));
}

#[test]
fn intervals_count_only_where_there_are_any() {
    let outputs = |names: &[&str]| {
        let outputs: Vec<_> = names.iter().map(|name| format!(r#"{{"name":"{name}","type":"double"}}"#)).collect();
        let params = r#"[{"name":"confidence_level","type":"double","default":0.9,"shape":null}]"#;
        described(&with(&format!("  outputs: '[{}]'\n  params: '{params}'\n", outputs.join(",")))).interval_level
    };
    assert_eq!(outputs(&["y", "y_lower", "y_upper"]), Some(0.9));
    assert_eq!(outputs(&["y"]), None);
}

#[test]
fn hostile_descriptions_are_refused() {
    let bomb: String =
        (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
    let deep = format!("flavors: {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        format!("a0: &a0 [x]\n{bomb}flavors: {{x: *a29}}\n"),
        deep,
        "- ".repeat(100_000),
        "flavors: []\n".to_owned(),
        "flavors: {x: 1}\nflavors: {y: 2}\n".to_owned(),
        "hello".to_owned(),
        with("  inputs: '[{\"name\": \"a\"}]'\n"),
        with("  inputs: '[{\"name\": \"a\", \"type\": \"long\"}, {\"name\": \"a\", \"type\": \"long\"}]'\n"),
        with("  inputs: '{}'\n"),
    ] {
        let error = describe(text.as_bytes()).unwrap_err();
        assert!(error.checks().contains(&CheckName::NotLoadable), "{error}");
        assert!(error.to_string().len() < 600, "{error}");
    }
    assert!(matches!(describe(b" \n"), Err(Unreadable::EmptyMlmodel)));
}

#[test]
fn files_that_a_flavour_names_are_inside_and_there() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &str| {
        fs::write(folder.path().join(FILE), format!("flavors:\n  keras:\n    data: '{path}'\n")).unwrap();
        read(folder.path(), 1 << 20).unwrap_err()
    };
    assert!(matches!(refused("data/model.keras"), Unreadable::ArtifactMissing(path) if path == "data/model.keras"));
    for outside in ["../x", "/etc/passwd", "a/../../x", "C:\\x"] {
        let error = refused(outside);
        assert!(matches!(error, Unreadable::ArtifactOutside(_)), "{error}");
        assert_eq!(error.checks(), [CheckName::ArtifactMissing]);
    }
    std::os::unix::fs::symlink("/etc", folder.path().join("data")).unwrap();
    assert!(matches!(refused("data/passwd"), Unreadable::ArtifactOutside(_)));
}

#[test]
fn an_onnx_flavour_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/models/iris-v1.onnx");
    fs::copy(iris, folder.path().join("model.onnx")).unwrap();
    fs::write(folder.path().join(FILE), "flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.18.0\n").unwrap();
    let Model { signature, graph, .. } = read(folder.path(), 1 << 20).unwrap();
    assert_eq!(graph.unwrap(), folder.path().canonicalize().unwrap().join("model.onnx"));
    assert_eq!((signature.format, signature.absent), (Format::Mlflow, false));
    assert_eq!(signature.inputs[0].name, "X");
    assert_eq!(signature.classes.unwrap(), ["setosa", "versicolor", "virginica"]);
    assert_eq!(signature.contradictions, [""; 0]);
    let other = "signature:\n  inputs: '[{\"name\": \"Y\", \"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float64\", \"shape\": [-1, 4]}}]'\n";
    let text = format!("flavors:\n  onnx:\n    data: model.onnx\n{other}");
    fs::write(folder.path().join(FILE), text).unwrap();
    let torn = read(folder.path(), 1 << 20).unwrap().signature;
    assert_eq!(torn.contradictions, ["MLmodel says that it takes Y, and the graph takes X"]);
    fs::write(folder.path().join("model.onnx"), "x").unwrap();
    assert!(matches!(read(folder.path(), 1 << 20), Err(Unreadable::Other(_))));
    fs::remove_file(folder.path().join("model.onnx")).unwrap();
    fs::create_dir(folder.path().join("model.onnx")).unwrap();
    assert!(matches!(read(folder.path(), 1 << 20), Err(Unreadable::ArtifactMissing(_))));
}

/// A model directory with these files.
fn directory(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn the_words_of_other_machines_are_rewritten_for_mlflow_and_nothing_else_is() {
    let text = br#"flavors:
  python_function:
    artifacts:
      scaler: {path: 'artifacts\scaler.bin', uri: 'C:\proj\scaler.bin'}
    loader_module: mlflow.pyfunc.model
    model_code_path: C:\proj\models\model_wrapper.py
  other: {data: plain.bin}
mlflow_version: 3.17.2
model_uuid: f058bdf90cf149059b1f6abff11c0b65
signature: {inputs: '[{"type": "double", "name": "x"}]'}
"#;
    let files: &[(&str, &[u8])] =
        &[(FILE, text), ("model_wrapper.py", b""), ("artifacts/scaler.bin", b""), ("plain.bin", b"")];
    let folder = directory(files);
    read(folder.path(), 1 << 20).unwrap();
    let written: Value = serde_json::from_slice(&rewritten(folder.path()).unwrap().unwrap()).unwrap();
    let pyfunc = &written["flavors"]["python_function"];
    assert_eq!(
        (&pyfunc["model_code_path"], &pyfunc["artifacts"]["scaler"]["path"]),
        (&"model_wrapper.py".into(), &"artifacts/scaler.bin".into())
    );
    assert_eq!(
        (&written["model_uuid"], &written["flavors"]["other"]["data"]),
        (&"f058bdf90cf149059b1f6abff11c0b65".into(), &"plain.bin".into())
    );
    let here = directory(&[(FILE, b"flavors: {x: {data: plain.bin}}"), ("plain.bin", b"")]);
    assert_eq!(rewritten(here.path()).unwrap(), None);
}
