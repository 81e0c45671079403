//! From the start of a replica to its end.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use hyper::StatusCode;
use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::host::{Replica, Start, in_time, library, model};

#[tokio::test]
async fn a_replica_says_who_it_is_on_a_socket_of_its_own() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let (status, identity) = replica.get("control", "/identity").await;
    assert_eq!(status, StatusCode::OK);
    let process = procfs::process::Process::new(replica.pid()).unwrap();
    assert_eq!(identity["pid"], replica.pid());
    assert_eq!(identity["start_time"], process.stat().unwrap().starttime);
    for (key, value) in [
        ("id", json!("r-1")),
        ("deployment", json!("iris")),
        ("revision", json!(3)),
        ("instance", json!("test")),
        ("model", json!("m@2")),
    ] {
        assert_eq!(identity[key], value);
    }
    assert_eq!(replica.get("control", "/ready").await, (StatusCode::OK, json!({ "ready": true })));

    // The gateway passes every path on to the inference socket: nothing of the control routes is there.
    for path in ["/identity", "/ready", "/changeover/identity"] {
        assert_eq!(replica.get("socket", path).await.0, StatusCode::NOT_FOUND);
    }
    for socket in ["control", "socket"] {
        let mode = fs::metadata(replica.folder.path().join(socket)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{socket}");
    }
    // How a server finds strays.
    assert!(process.cmdline().unwrap().windows(2).any(|pair| pair == ["--instance", "test"]));
}

/// Starts a request and sends the first half of its body, once the replica has asked for it.
async fn half_a_request(replica: &Replica) -> (UnixStream, String) {
    let body =
        json!({ "inputs": [{ "name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4] }] }).to_string();
    let mut stream = replica.connect("socket").await.unwrap();
    let head = format!(
        "POST /v2/models/m/infer HTTP/1.1\r\nhost: replica\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (first, second) = body.split_at(20);
    stream.write_all(first.as_bytes()).await.unwrap();
    (stream, second.to_owned())
}

#[tokio::test]
async fn told_to_end_it_finishes_what_runs_and_takes_nothing_new() {
    let mut replica = Start::onnx("iris-v1.onnx").ready().await;
    // Connections that nothing runs on, as a gateway keeps them, do not hold it up.
    let _unused = replica.connect("socket").await.unwrap();
    let (mut running, rest) = half_a_request(&replica).await;
    replica.signal(Signal::TERM);
    replica.says("told to end").await;
    let (status, readiness) = replica.get("control", "/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(readiness, json!({ "ready": false, "reason": "it is stopping and takes no more requests" }));

    running.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time(running.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("virginica"), "{answer}");
    assert_eq!(replica.ended().await, Some(0));
    assert!(replica.connect("socket").await.is_err());
    assert_eq!(fs::read_dir(replica.folder.path()).unwrap().count(), 0, "its sockets are gone");
}

#[tokio::test]
async fn a_request_that_never_finishes_holds_it_up_no_longer_than_the_drain_time() {
    let mut replica = Start::onnx("iris-v1.onnx").args(["--drain-seconds", "0"]).ready().await;
    let (_running, _rest) = half_a_request(&replica).await;
    replica.signal(Signal::TERM);
    replica.says("requests still run after 0 s, ending anyway").await;
    assert_eq!(replica.ended().await, Some(0));
}

#[tokio::test]
async fn an_endless_inference_is_stopped_and_does_not_silence_the_control_socket() {
    let replica = Start::onnx("loop.onnx").args(["--scoring-timeout-ms", "300"]).ready().await;
    let rounds = |rounds: i64| {
        json!({ "inputs": [{ "name": "rounds", "shape": [], "datatype": "INT64", "data": [rounds] }] }).to_string()
    };
    let endless = replica.infer_text(rounds(i64::MAX));
    let control = replica.get("control", "/ready");
    let ((status, answer), control) = tokio::join!(endless, control);
    assert_eq!(status, StatusCode::GATEWAY_TIMEOUT, "{answer}");
    assert_eq!(answer["error"], "the inference was stopped after 300 ms, the scoring timeout");
    assert_eq!(control.0, StatusCode::OK);
    let (status, answer) = replica.infer_text(rounds(3)).await;
    assert_eq!((status, &answer["outputs"][0]["data"]), (StatusCode::OK, &json!([3.0])));
}

#[tokio::test]
async fn without_a_server_it_ends_by_itself() {
    let start = Start::onnx("iris-v1.onnx");
    let lock = start.folder.path().join("lock");
    File::create(&lock).unwrap();
    let mut replica = start.arg("--server-lock").arg(&lock).args(["--orphan-seconds", "0"]).spawn();
    replica.says("no server for 0 s, ending").await;
    assert_eq!(replica.ended().await, Some(0));
}

#[tokio::test]
async fn a_socket_that_another_replica_answers_on_is_not_taken_and_a_dead_one_is() {
    let replica = Start::onnx("iris-v1.onnx").ready().await;
    let control = replica.folder.path().join("control");
    let second = Start::onnx("iris-v1.onnx").arg("--control").arg(&control);
    // The same argument twice: clap says so itself.
    let (status, _) = second.fails().await;
    assert_eq!(status, Some(2));

    let mut second = Start::onnx("iris-v1.onnx");
    fs::remove_dir(second.folder.path()).unwrap();
    std::os::unix::fs::symlink(replica.folder.path(), second.folder.path()).unwrap();
    let output = in_time(second.command.output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot listen on") && said.contains("Address already in use"), "{said}");
    assert_eq!(replica.get("control", "/ready").await.0, StatusCode::OK, "the first one is unharmed");
    fs::remove_file(second.folder.path()).unwrap();

    replica.signal(Signal::KILL);
    let mut replica = replica;
    assert_eq!(replica.ended().await, None);
    assert!(control.exists(), "a killed replica leaves its socket behind");
    let third = Start::onnx("iris-v1.onnx");
    fs::remove_dir(third.folder.path()).unwrap();
    fs::rename(replica.folder.path(), third.folder.path()).unwrap();
    third.ready().await;
}

#[tokio::test]
async fn a_model_that_cannot_be_served_is_one_sentence_and_a_status_that_says_whether_to_try_again() {
    let fails_with = async |expected: i32, start: Start| {
        let (status, said) = start.fails().await;
        assert_eq!((status, said.lines().count()), (Some(expected), 1), "{said}");
        said
    };
    let fails = async |start| fails_with(78, start).await;
    // Another library may be there at the next try.
    let may_pass = async |start| fails_with(1, start).await;
    let said = fails(Start::onnx("iris-v3-unknown-operator.onnx")).await;
    assert_eq!(
        said,
        "changeover replica: the model cannot be loaded: com.microsoft:NoSuchOp(-1) is not a registered function/op\n"
    );

    let start = Start::onnx("iris-v1.onnx");
    let changed = start.folder.path().join("changed.onnx");
    fs::write(&changed, fs::read(model("iris-v1.onnx")).unwrap()).unwrap();
    let start = Start::new().model(&changed).arg("--onnxruntime").arg(library());
    fs::write(&changed, fs::read(model("iris-v2.onnx")).unwrap()).unwrap();
    assert!(fails(start).await.contains("has been changed: its SHA-256 is "));

    let with = |library: &str| Start::new().model(&model("iris-v1.onnx")).arg("--onnxruntime").arg(library);
    assert!(may_pass(with("/no/such/library.so")).await.contains("/no/such/library.so cannot be opened: No such file"));
    let text = model("README.md");
    assert!(may_pass(with(text.to_str().unwrap())).await.contains("is not a usable ONNX Runtime library"));
    let mut unset = Start::new().model(&model("iris-v1.onnx"));
    unset.command.env_remove("CHANGEOVER_ONNXRUNTIME");
    assert!(may_pass(unset).await.contains("no ONNX Runtime library is set"));

    let said = fails(Start::onnx("iris-v1.onnx").args(["--user-config", "{\n \"a\": }"])).await;
    assert!(said.contains("--user-config is not JSON: expected value at line 2 column 7"), "{said}");
}
