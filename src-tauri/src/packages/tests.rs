//! The kind of a package, by its content and the files in its folder.

use std::path::PathBuf;

use domain::compat::CheckName;
use domain::model::ClassSource;

use super::*;

const LIMIT: u64 = 1 << 20;

fn model(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/models").join(name)).unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn a_name_decides_nothing() {
    let iris = model("iris-v1.onnx");
    let folder = folder(&[("model.pkl", &iris), ("model.onnx", b"\x80\x04\x95\x0b\x00")]);
    assert_eq!(read(&folder.path().join("model.pkl"), LIMIT).unwrap().kind, PackageKind::Onnx);
    let pickle = read(&folder.path().join("model.onnx"), LIMIT).unwrap_err();
    assert!(pickle.checks().contains(&CheckName::UnsafeFormat), "{pickle}");
    let large = read(&folder.path().join("model.pkl"), 10).unwrap_err();
    assert!(matches!(large, Unreadable::TooLarge { limit: 10, .. }), "{large}");
}

#[test]
fn the_model_is_found_at_the_root_or_in_the_only_folder_there() {
    let iris = model("iris-v1.onnx");
    let flat = folder(&[("m.onnx", &iris), ("README.md", b"hello")]);
    assert_eq!(read(flat.path(), LIMIT).unwrap().entry, "m.onnx");
    let nested = folder(&[("iris/m.onnx", &iris), ("__MACOSX/x", b""), (".DS_Store", b"")]);
    assert_eq!(read(nested.path(), LIMIT).unwrap().entry, "iris/m.onnx");
    let mlflow =
        folder(&[("run/MLmodel", b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n"), ("run/model.pkl", b"")]);
    let package = read(mlflow.path(), LIMIT).unwrap();
    assert_eq!((package.kind, package.entry.as_str()), (PackageKind::Mlflow, "run"));
}

#[test]
fn a_folder_without_one_model_is_refused() {
    let iris = model("iris-v1.onnx");
    let refused = |files: &[(&str, &[u8])]| read(folder(files).path(), LIMIT).unwrap_err();
    assert!(matches!(refused(&[("a.txt", b"")]), Unreadable::NoModel));
    assert!(matches!(refused(&[]), Unreadable::NoModel));
    assert!(matches!(refused(&[("a.onnx", &iris), ("b.onnx", &iris)]), Unreadable::SeveralModels(2)));
    assert!(matches!(refused(&[("saved_model.pb", b"\x08\x01"), ("variables/x", b"")]), Unreadable::Other(_)));
}

#[test]
fn a_link_is_not_followed_out_of_the_folder() {
    let outside = folder(&[("m.onnx", &model("iris-v1.onnx"))]);
    let inside = folder(&[]);
    std::os::unix::fs::symlink(outside.path().join("m.onnx"), inside.path().join("m.onnx")).unwrap();
    assert!(matches!(read(inside.path(), LIMIT), Err(Unreadable::NoModel)));
}

#[test]
fn labels_beside_a_model_are_taken_when_they_are_as_many_as_its_output_is_wide() {
    let digits = model("digits-constants-as-inputs.onnx");
    let labels = |count: usize| {
        serde_json::json!({"config": {"id2label": (0..count).map(|n| (n.to_string(), format!("digit {n}"))).collect::<std::collections::BTreeMap<_, _>>()}}).to_string()
    };
    let (ten, nine) = (labels(10), labels(9));
    let classes = |files: &[(&str, &[u8])]| {
        let signature = read(folder(files).path(), LIMIT).unwrap().signature;
        (signature.classes.map(|classes| classes[3].clone()), signature.class_source)
    };
    let found = (Some("digit 3".to_owned()), Some(ClassSource::Sidecar));
    assert_eq!(
        classes(&[("m.onnx", &digits), ("config.json", ten.as_bytes()), ("other.json", nine.as_bytes())]),
        found
    );
    assert_eq!(classes(&[("m.onnx", &digits), ("config.json", nine.as_bytes())]), (None, None));
    let other = ten.replace("digit", "number");
    let disagree: [(&str, &[u8]); 3] = [("m.onnx", &digits), ("a.json", ten.as_bytes()), ("b.json", other.as_bytes())];
    assert_eq!(classes(&disagree), (None, None));
}
