//! Packages of every kind, each served for real: folders, LightGBM and XGBoost files, MLflow directories.
//!
//! The Python environments are built with what the machine's installer finds, once for all runs of these tests, and stay
//! in cargo's folder. Without a way to get the packages these tests fail with the installer's words.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use changeover::packages::archive::Folder;
use domain::model::PackageKind;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::host::{Replica, Start, library, model};

/// The installer says nothing while it unpacks hundreds of megabytes.
pub(crate) const BUILDING: Duration = Duration::from_secs(900);
const IRIS: [f64; 4] = [5.1, 3.5, 1.4, 0.2];

fn port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A file or folder of `tests/corpus`.
pub(crate) fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/generated").join(name)
}

/// A tar of `folder`, beside it.
fn packed(folder: &Path) -> PathBuf {
    let path = folder.with_extension("tar");
    Folder::read(folder).unwrap().write(&mut File::create(&path).unwrap()).unwrap();
    path
}

/// A replica of an archive of `folder`, in which the model is at `entry`.
fn archived(start: Start, folder: &Path, entry: &str) -> Start {
    let unpacked = start.folder.path().join("unpacked");
    start.model(&packed(folder)).args(["--packing", "tar", "--entry", entry]).arg("--unpacked").arg(unpacked)
}

/// A replica that runs a program in a Python environment.
pub(crate) fn program(start: Start, runtime: &str) -> Start {
    let work = start.folder.path().join("work");
    fs::create_dir(&work).unwrap();
    let environments = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environments");
    let mut start = start.args(["--runtime", runtime]);
    for (name, value) in std::env::vars_os() {
        start.command.env(format!("CHANGEOVER_INSTALLER_{}", name.to_string_lossy()), value);
    }
    start.arg("--own-folder").arg(&work).arg("--working-directory").arg(work).arg("--environments").arg(environments)
}

/// Returns when the replica says that it is ready.
async fn ready(replica: &mut Replica) {
    replica.says_after("started the program", BUILDING).await;
    for _ in 0..1200 {
        match replica.get("control", "/ready").await {
            (StatusCode::OK, _) => return,
            _ if replica.child.try_wait().unwrap().is_some() => break,
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("it does not become ready: {}", replica.says("never said").await);
}

async fn ask(port: u16, path: &str, body: &Value) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("http://127.0.0.1:{port}{path}")).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn rows(rows: &[[f64; 4]]) -> Value {
    json!([{"name": "data", "shape": [rows.len(), 4], "datatype": "FP64", "data": rows}])
}

/// Probabilities of the three species.
fn probabilities(outputs: &[Value]) -> Vec<f64> {
    let output = &outputs[0];
    assert_eq!(
        (&output["name"], &output["datatype"], &output["shape"]),
        (&json!("probabilities"), &json!("FP32"), &json!([1, 3]))
    );
    output["data"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

async fn trees(kind: PackageKind, file: &str) {
    let word = json!(kind).as_str().unwrap().to_owned();
    let start = program(Start::new().model(&corpus(file)), "trees").args(["--kind", &word]);
    let mut replica = start.spawn();
    replica.says_after("serves", BUILDING).await;
    let whole = probabilities(&replica.infer(rows(&[IRIS])).await);
    assert!(whole[0] > 0.5 && (whole.iter().sum::<f64>() - 1.0).abs() < 1e-5, "a setosa: {whole:?}");

    // Columns by name, in any order; one that the model does not know is left aside.
    let column = |name: &str, value: f64| json!({"name": name, "shape": [1, 1], "datatype": "FP32", "data": [value]});
    let [sepal_length, sepal_width, petal_length, petal_width] = IRIS;
    let columns = [
        column("petal_width", petal_width),
        column("colour", 7.0),
        column("petal_length", petal_length),
        column("sepal_width", sepal_width),
        column("sepal_length", sepal_length),
    ];
    assert_eq!(probabilities(&replica.infer(json!(columns)).await), whole);
    let (status, answer) = replica.infer_text(json!({"inputs": columns[2..]}).to_string()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].as_str().unwrap().starts_with("input \"petal_width\" is missing"), "{answer}");
    replica.signal(rustix::process::Signal::TERM);
    assert_eq!(replica.ended().await, Some(0));
}

#[tokio::test]
async fn a_lightgbm_file_speaks_the_open_inference_protocol() {
    trees(PackageKind::Lightgbm, "trees/lgb_iris_v1.txt").await;
}

#[tokio::test]
async fn an_xgboost_file_speaks_the_open_inference_protocol() {
    trees(PackageKind::Xgboost, "trees/xgb_iris_v1.ubj").await;
}

#[tokio::test]
async fn a_tree_file_that_cannot_be_loaded_says_why_before_anything_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.ubj");
    let whole = fs::read(corpus("trees/xgb_iris_v1.ubj")).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let start = program(Start::new().model(&cut), "trees").args(["--kind", "xgboost"]);
    let (status, said) = start.fails().await;
    assert!(status == Some(78) && said.contains("the model cannot be loaded: "), "{said}");
}

#[tokio::test]
async fn an_mlflow_directory_is_served_by_mlflow_itself() {
    let port = port();
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package/iris");
    copy(&corpus("mlflow/iris_v1"), &inside);
    let start = archived(
        program(Start::new(), "mlflow").args(["--port", &port.to_string()]),
        &folder.path().join("package"),
        "iris",
    );
    let mut replica = start.args(["--kind", "mlflow", "--health-path", "/ping"]).spawn();
    ready(&mut replica).await;
    let example: Value =
        serde_json::from_slice(&fs::read(corpus("mlflow/iris_v1/serving_input_example.json")).unwrap()).unwrap();
    let (status, answer) = ask(port, "/invocations", &example).await;
    assert_eq!((status, answer), (200, json!({"predictions": ["setosa", "setosa"]})));
    let (status, _) = ask(port, "/invocations", &json!({"dataframe_split": {"columns": ["x"], "data": [[1]]}})).await;
    assert_eq!(status, 400);
    // Nothing of the program is left, whatever it has started in turn.
    replica.signal(rustix::process::Signal::TERM);
    assert_eq!(replica.ended().await, Some(0));
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn requirements_of_a_package_that_are_more_than_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package");
    copy(&corpus("mlflow/iris_v1"), &inside);
    fs::write(inside.join("requirements.txt"), "mlflow==3.17.2\n--index-url http://127.0.0.1:1/simple\n").unwrap();
    let start = archived(program(Start::new(), "mlflow").args(["--port", &port().to_string()]), &inside, "")
        .args(["--kind", "mlflow"]);
    let (status, said) = start.fails().await;
    assert!(status == Some(78) && said.contains("says where packages come from"), "{said}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn weights_beside_the_model_are_found_and_a_folder_that_was_changed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package");
    copy(&corpus("external_data/ok"), &inside.join("deep"));
    let archive = packed(&inside);
    let unpacked = folder.path().join("unpacked");
    let start = || {
        let start = Start::new().model(&archive).args(["--packing", "tar", "--entry", "deep/model.onnx"]);
        start.arg("--unpacked").arg(&unpacked).arg("--onnxruntime").arg(library())
    };
    let replica = start().ready().await;
    let image = vec![1.0; 64];
    let request = json!([{"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "data": image}]);
    let answer = replica.infer(request.clone()).await;
    let package =
        fs::read_dir(&unpacked).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let weights = package.join("package/deep/weights.bin");
    let sound = fs::read(&weights).unwrap();
    fs::remove_file(&weights).unwrap();
    fs::write(&weights, vec![0; sound.len()]).unwrap();
    let again = start().ready().await;
    assert_eq!(fs::read(&weights).unwrap(), sound);
    assert_eq!(again.infer(request.clone()).await, answer);
    assert_eq!(replica.infer(request).await, answer, "who runs already runs on");
}

#[tokio::test]
async fn an_mlflow_directory_with_an_onnx_flavour_needs_no_python() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package");
    fs::create_dir(&inside).unwrap();
    fs::copy(model("iris-v1.onnx"), inside.join("model.onnx")).unwrap();
    fs::write(inside.join("MLmodel"), "flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.18.0\n").unwrap();
    let start = archived(Start::new().arg("--onnxruntime").arg(library()), &inside, "");
    let replica = start.args(["--kind", "mlflow"]).ready().await;
    let (_, metadata) = replica.get("socket", "/v2/models/m").await;
    let name = &metadata["inputs"][0]["name"];
    let answer = replica.infer(json!([{"name": name, "shape": [1, 4], "datatype": "FP32", "data": IRIS}])).await;
    assert!(!answer.is_empty());
}

#[tokio::test]
async fn a_package_that_is_not_the_registered_one_or_no_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, unpacked) = (folder.path().join("archive"), folder.path().join("unpacked"));
    fs::write(&path, "no archive").unwrap();
    let start = || Start::new().model(&path).args(["--packing", "zip"]).arg("--unpacked").arg(&unpacked);
    let (status, said) = start().fails().await;
    assert!(status == Some(78) && said.contains("cannot be unpacked"), "{said}");
    let wrong = start();
    fs::write(&path, "another").unwrap();
    let (_, said) = wrong.fails().await;
    assert!(said.contains("has been changed"), "{said}");
    let left: Vec<_> =
        fs::read_dir(&unpacked).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Answers every request with what its folder holds.
const SERVE: &str = r#"
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200); self.end_headers()
        self.wfile.write(open(os.path.join(sys.argv[1], "data/answer.json"), "rb").read())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"#;

#[tokio::test]
async fn a_custom_package_finds_its_own_folder() {
    let port = port();
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("package");
    fs::create_dir_all(inside.join("data")).unwrap();
    fs::write(inside.join("serve.py"), SERVE).unwrap();
    fs::write(inside.join("data/answer.json"), r#"{"said": "from the package"}"#).unwrap();
    let start = archived(Start::new().args(["--runtime", "custom", "--port", &port.to_string()]), &inside, "");
    let start = start.args(["--kind", "custom", "--health-path", "/up"]);
    let mut replica = start.args(["--", "python3", "-B", "{model}/serve.py", "{model}", "{port}"]).spawn();
    ready(&mut replica).await;
    assert_eq!(ask(port, "/predict", &json!({})).await, (200, json!({"said": "from the package"})));
}
