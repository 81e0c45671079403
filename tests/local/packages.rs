//! Packages of every kind through a real server: registered, deployed, asked, replaced.
//!
//! Environments are built with what the machine's installer finds; without a way to get the packages these tests fail
//! with the installer's words.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use changeover::packages::archive::Folder;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes::{replicas_of, signal};
use tests::program::until;
use tests::server::{Server, answer, model_file};

/// The longest time for building an environment of some hundred megabytes on a busy machine.
const BUILDING: Duration = Duration::from_secs(900);
const IRIS: [f64; 4] = [5.1, 3.5, 1.4, 0.2];

/// A file or folder of `tests/corpus`.
fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/generated").join(name)
}

/// Registers the next version from a file, or from a folder as the command line packs it.
async fn register(server: &Server, meta: &Value, path: &Path) -> anyhow::Result<Value> {
    let file = if path.is_dir() {
        let archive = server.folder().join("package.tar");
        Folder::read(path)?.write(&mut File::create(&archive)?)?;
        archive
    } else {
        path.to_owned()
    };
    let form = Form::new().text("meta", meta.to_string()).part("file", Part::bytes(fs::read(file)?));
    let answer = answer(server.request(Method::POST, "/models")?.multipart(form)).await?;
    ensure!(answer.status == 201, "{meta}: {answer:?}");
    Ok(answer.body)
}

/// Waits until no rollout is in progress, and for as long as an environment needs; fails with what a replica says.
async fn over(server: &Server, name: &str) -> anyhow::Result<()> {
    let end = Instant::now() + BUILDING;
    loop {
        let view = server.get(&format!("/deployments/{name}?include=replicas")).await?;
        if view["rollout"].is_null() {
            ensure!(view["status"] == "running", "{view:#}");
            return Ok(());
        }
        let replicas = view["replica_list"].as_array().into_iter().flatten();
        let failed = replicas.filter_map(|replica| replica["problem"].as_str()).next();
        if let Some(problem) = failed.filter(|problem| problem.contains("environment cannot be built")) {
            bail!("{name}: {problem}");
        }
        ensure!(Instant::now() < end, "{view:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn deploy(server: &Server, name: &str, runtime: &str) -> anyhow::Result<()> {
    let configuration = json!({"models": [format!("{name}@1")], "runtime": runtime});
    let body = json!({"name": name, "configuration": configuration, "strategy": {"progress_deadline_seconds": 900}});
    server.post("/deployments", &body).await?;
    over(server, name).await
}

async fn replace(server: &Server, name: &str) -> anyhow::Result<()> {
    let body = json!({"set": {"models": [format!("{name}@2")]}, "accept_warnings": true});
    server.post(&format!("/deployments/{name}/rollouts"), &body).await?;
    over(server, name).await
}

/// The revision that answered, and the answer of the deployment.
async fn ask(server: &Server, name: &str, path: &str, body: &Value) -> anyhow::Result<(Option<u32>, Value)> {
    let (revision, answer) = server.infer(name, path, body).await?;
    ensure!(answer.status == 200, "{name}: {answer:?}");
    Ok((revision, answer.body))
}

/// Tries the second version beside the deployment; what that showed.
async fn check(server: &Server, name: &str) -> anyhow::Result<Value> {
    let asked = json!({"set": {"models": [format!("{name}@2")]}});
    let check = server.post(&format!("/deployments/{name}/checks"), &asked).await?;
    let path = format!("/deployments/{name}/checks/{}", check["id"].as_str().unwrap_or_default());
    let end = Instant::now() + BUILDING;
    loop {
        let check = server.get(&path).await?;
        if check["step"] == "ended" {
            return Ok(check["trial"].clone());
        }
        ensure!(Instant::now() < end, "{check:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn worked(trial: &Value) -> anyhow::Result<()> {
    let all = trial["loads"]["result"] == "worked" && trial["answers"]["result"] == "worked";
    ensure!(all && trial["memory_bytes"].as_u64().is_some_and(|bytes| bytes > 1_000_000), "{trial:#}");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn folders(server: &Server) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(server.data().join("unpacked"))?.filter_map(Result::ok);
    Ok(entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

/// Answers what stands in a file of its package.
const SERVE: &str = r#"
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(b"up")
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(open(os.path.join(sys.argv[1], "answer.json"), "rb").read())
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_custom_package_is_replaced_by_another_and_its_folder_goes_with_it() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let custom = json!({
        "command": ["python3", "{model}/serve.py", "{model}", "{port}"], "predict": "/predict", "health": "/up",
    });
    let package = server.folder().join("package");
    fs::create_dir(&package)?;
    fs::write(package.join("serve.py"), SERVE)?;
    for version in [1, 2, 3] {
        fs::write(package.join("answer.json"), json!({"version": version}).to_string())?;
        register(&server, &json!({"name": "own", "kind": "custom", "custom": custom}), &package).await?;
    }
    deploy(&server, "own", "custom").await?;
    assert_eq!(ask(&server, "own", "/predict", &json!({})).await?, (Some(1), json!({"version": 1})));
    worked(&check(&server, "own").await?)?;
    replace(&server, "own").await?;
    assert_eq!(ask(&server, "own", "/predict", &json!({})).await?, (Some(2), json!({"version": 2})));
    // Made once, kept while it is registered, and found again after a restart.
    assert_eq!(folders(&server)?.len(), 2);
    server.kill()?;
    server.start_again().await?;
    assert_eq!(ask(&server, "own", "/predict", &json!({})).await?, (Some(2), json!({"version": 2})));
    assert_eq!(folders(&server)?.len(), 2);
    Ok(())
}

/// The processes that run a program of this data directory's packages, other than shells and replicas.
fn programs(server: &Server) -> anyhow::Result<Vec<u32>> {
    let file = format!("{}/", server.data().join("unpacked").display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { continue };
        let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        if words.next().is_some_and(|word| word.ends_with("python3")) && words.any(|word| word.starts_with(&file)) {
            found.push(pid);
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_program_has_started_does_not_outlive_a_replica_that_is_killed() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    // The shell stays between the replica and what it starts.
    let line = "python3 {model}/serve.py {model} {port}; echo ended";
    let custom = json!({"command": ["sh", "-c", line], "predict": "/predict", "health": "/up"});
    let package = server.folder().join("package");
    fs::create_dir(&package)?;
    fs::write(package.join("serve.py"), SERVE)?;
    fs::write(package.join("answer.json"), "{}")?;
    register(&server, &json!({"name": "own", "kind": "custom", "custom": custom}), &package).await?;
    deploy(&server, "own", "custom").await?;
    for adopted in [false, true] {
        if adopted {
            server.kill()?;
            server.start_again().await?;
        }
        let (before, replicas) = (programs(&server)?, replicas_of(&server.data())?);
        ensure!(before.len() == 1 && replicas.len() == 1, "{before:?} {replicas:?}");
        signal(replicas[0].pid, Signal::KILL);
        until("another replica that runs alone", async || {
            let now = programs(&server)?;
            Ok((now.len() == 1 && now != before).then_some(()))
        })
        .await?;
        until("it is ready", async || {
            Ok((server.infer("own", "/predict", &json!({})).await?.1.status == 200).then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_external_package_is_watched() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let url = format!("http://{}/readyz", server.listen);
    let meta = json!({"name": "out", "kind": "external", "url": url});
    server.post("/models", &meta).await?;
    deploy(&server, "out", "external").await?;
    let (_, answer) = server.infer("out", "/", &json!({})).await?;
    ensure!(answer.status == 421 && answer.body["url"] == *url, "{answer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_with_weights_beside_its_model_is_served() -> anyhow::Result<()> {
    let server = Server::start().await?;
    register(&server, &json!({"name": "digits"}), &corpus("external_data/ok")).await?;
    deploy(&server, "digits", "onnx").await?;
    let image = json!({"name": "image", "shape": [1, 1, 8, 8], "datatype": "FP32", "data": vec![1.0; 64]});
    let (_, answer) = ask(&server, "digits", "/v2/models/digits/infer", &json!({"inputs": [image]})).await?;
    assert_eq!(answer["outputs"][0]["shape"], json!([1, 10]));
    Ok(())
}

fn rows(rows: &[[f64; 4]]) -> Value {
    json!({"inputs": [{"name": "data", "shape": [rows.len(), 4], "datatype": "FP64", "data": rows}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tree_files_are_replaced_by_newer_ones() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for file in ["trees/lgb_iris_v1.txt", "trees/lgb_iris_v2_retrain.txt"] {
        register(&server, &json!({"name": "light"}), &corpus(file)).await?;
    }
    register(&server, &json!({"name": "extreme"}), &corpus("trees/xgb_iris_v1.ubj")).await?;
    deploy(&server, "light", "trees").await?;
    let path = "/v2/models/light/infer";
    let (revision, first) = ask(&server, "light", path, &rows(&[IRIS])).await?;
    assert_eq!((revision, &first["outputs"][0]["shape"]), (Some(1), &json!([1, 3])));
    worked(&check(&server, "light").await?)?;
    replace(&server, "light").await?;
    let (revision, second) = ask(&server, "light", path, &rows(&[IRIS])).await?;
    assert_eq!(revision, Some(2));
    assert_ne!(second["outputs"], first["outputs"]);
    deploy(&server, "extreme", "trees").await?;
    let (_, answer) = ask(&server, "extreme", "/v2/models/extreme/infer", &rows(&[IRIS, IRIS])).await?;
    assert_eq!(answer["outputs"][0]["shape"], json!([2, 3]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_file_without_names_is_replaced_by_another_one() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for file in ["trees/lgb_array.txt", "trees/lgb_array_v2.txt"] {
        register(&server, &json!({"name": "array"}), &model_file(file)).await?;
    }
    deploy(&server, "array", "trees").await?;
    worked(&check(&server, "array").await?)?;
    let report = server.post("/compat", &json!({"current": "array@1", "candidate": "array@2"})).await?;
    ensure!(report["verdict"] != "incompatible", "{report:#}");
    // What the signature says, what is served and what a client's script sends is one tensor.
    let script = server.command(&["model", "client", "array@1"]).await?;
    assert!(script.out.contains(r#""name": "data", "shape": [1, 4]"#), "{}", script.out);
    replace(&server, "array").await?;
    let (revision, answer) = ask(&server, "array", "/v2/models/array/infer", &rows(&[IRIS])).await?;
    assert_eq!((revision, &answer["outputs"][0]["shape"]), (Some(2), &json!([1])));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_mlflow_directory_is_replaced_by_a_newer_one() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let package = server.folder().join("iris");
    copy(&corpus("mlflow/iris_v1"), &package)?;
    register(&server, &json!({"name": "iris"}), &package).await?;
    fs::write(package.join("README.md"), "trained again")?;
    register(&server, &json!({"name": "iris"}), &package).await?;
    deploy(&server, "iris", "mlflow").await?;
    let example: Value = serde_json::from_slice(&fs::read(package.join("serving_input_example.json"))?)?;
    let species = json!({"predictions": ["setosa", "setosa"]});
    assert_eq!(ask(&server, "iris", "/invocations", &example).await?, (Some(1), species.clone()));
    worked(&check(&server, "iris").await?)?;
    replace(&server, "iris").await?;
    assert_eq!(ask(&server, "iris", "/invocations", &example).await?, (Some(2), species));
    // The environment that the package asks for is not taken for one that nothing asks for.
    let environments = || fs::read_dir(server.data().join("environments")).map(|found| found.count());
    let before = environments()?;
    server.kill()?;
    server.start_again().await?;
    assert_eq!(fs::read_dir(server.data().join("environments"))?.count(), before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_mlflow_directory_with_an_onnx_flavour_is_served_without_python() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let package = server.folder().join("iris");
    copy(&corpus("mlflow/iris_v1"), &package)?;
    let signature = fs::read_to_string(package.join("MLmodel"))?;
    let (_, signature) = signature.split_once("signature:").unwrap_or_default();
    for file in ["iris-v1.onnx", "iris-v2.onnx"] {
        fs::copy(model_file(file), package.join("model.onnx"))?;
        let flavors = "flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.18.0\nmlflow_version: 3.17.2\n";
        fs::write(package.join("MLmodel"), format!("{flavors}signature:{signature}"))?;
        register(&server, &json!({"name": "iris"}), &package).await?;
    }
    deploy(&server, "iris", "onnx").await?;
    let input = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": IRIS});
    let (_, answer) = ask(&server, "iris", "/v2/models/iris/infer", &json!({"inputs": [input]})).await?;
    ensure!(answer["outputs"].as_array().is_some_and(|outputs| !outputs.is_empty()), "{answer}");
    worked(&check(&server, "iris").await?)?;
    Ok(())
}
