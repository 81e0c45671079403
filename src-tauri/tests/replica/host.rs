//! Starts `changeover replica` and talks to its sockets.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::{TcpListener, UnixStream};
use tokio::process::{Child, ChildStderr, Command};

/// Waits for something that comes at once or never: a test fails rather than hangs.
pub(crate) async fn in_time<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), event).await.unwrap()
}

/// A file in `tests/models`.
pub(crate) fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/models").join(name)
}

/// The ONNX Runtime library that set-up puts into the target folder.
pub(crate) fn library() -> PathBuf {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("onnxruntime").join("libonnxruntime.so");
    let path = std::env::var_os("CHANGEOVER_ONNXRUNTIME").map_or(beside, PathBuf::from);
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`, or set CHANGEOVER_ONNXRUNTIME", path.display());
    path
}

/// A replica that is being put together.
pub(crate) struct Start {
    pub(crate) folder: TempDir,
    pub(crate) command: Command,
}

impl Start {
    /// A replica of any runtime; its sockets are `control` and `socket` in its folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_changeover"));
        command.args(["replica", "--id", "r-1", "--deployment", "iris", "--revision", "3", "--instance", "test"]);
        command.arg("--control").arg(folder.path().join("control"));
        command.stderr(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).process_group(0);
        Self { folder, command }
    }

    /// A replica that serves a file of `tests/models` as `m`, version 2.
    pub(crate) fn onnx(name: &str) -> Self {
        Self::new().model(&model(name)).arg("--onnxruntime").arg(library())
    }

    /// Serves this file, whose digest is taken now.
    pub(crate) fn model(self, path: &Path) -> Self {
        let digest = hex::encode(Sha256::digest(std::fs::read(path).unwrap()));
        let socket = self.folder.path().join("socket");
        self.args(["--model", "m@2", "--digest", &digest]).arg("--artifact").arg(path).arg("--socket").arg(socket)
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// A replica that holds this listening socket, as its program would: the test may answer in the program's place.
    pub(crate) fn listens(mut self, listener: &TcpListener) -> Self {
        let socket = listener.as_fd().try_clone_to_owned().unwrap();
        self.command.stdin(socket);
        self
    }

    /// Starts it.
    pub(crate) fn spawn(mut self) -> Replica {
        let mut child = self.command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Replica { folder: self.folder, child, log }
    }

    /// Starts it, and returns when it says that it serves.
    pub(crate) async fn ready(self) -> Replica {
        let mut replica = self.spawn();
        replica.says("serves").await;
        replica
    }

    /// Starts it and returns its status and all that it said.
    pub(crate) async fn fails(mut self) -> (Option<i32>, String) {
        let output = in_time(self.command.output()).await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

/// A replica that runs; it is killed when dropped.
pub(crate) struct Replica {
    pub(crate) folder: TempDir,
    pub(crate) child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Replica {
    /// Returns when it has said a line that holds `text`.
    pub(crate) async fn says(&mut self, text: &str) -> String {
        self.says_after(text, Duration::from_secs(60)).await
    }

    /// The same, when it may say nothing at all for as long as `patience`.
    pub(crate) async fn says_after(&mut self, text: &str, patience: Duration) -> String {
        let mut said = Vec::new();
        while let Some(line) = tokio::time::timeout(patience, self.log.next_line()).await.unwrap().unwrap() {
            if line.contains(text) {
                return line;
            }
            said.push(line);
        }
        panic!("the replica ended without saying {text:?}, only {said:?}");
    }

    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id().unwrap()).unwrap()
    }

    /// Sends a signal to the replica's process alone.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// Its exit status, when it has ended.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        in_time(self.child.wait()).await.unwrap().code()
    }

    /// A connection to one of its sockets.
    pub(crate) async fn connect(&self, socket: &str) -> std::io::Result<UnixStream> {
        UnixStream::connect(self.folder.path().join(socket)).await
    }

    /// Sends one request to one of its sockets.
    pub(crate) async fn send(&self, socket: &str, request: Request<Full<Bytes>>) -> Response<Bytes> {
        let stream = self.connect(socket).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (head, body) = in_time(sender.send_request(request)).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        connection.abort();
        Response::from_parts(head, body)
    }

    /// `GET path` on one of its sockets: the status, and the JSON that comes with it.
    pub(crate) async fn get(&self, socket: &str, path: &str) -> (StatusCode, Value) {
        let request = Request::get(path).header("host", "replica").body(Full::default()).unwrap();
        let response = self.send(socket, request).await;
        (response.status(), serde_json::from_slice(response.body()).unwrap())
    }

    /// Gives it a `user_config`: the status, and what it says.
    pub(crate) async fn give(&self, revision: u32, user_config: Value) -> (StatusCode, String) {
        let body = json!({ "revision": revision, "user_config": user_config }).to_string();
        let request = Request::put("/user-config").header("host", "replica").header("content-type", "application/json");
        let response = self.send("control", request.body(Full::new(body.into())).unwrap()).await;
        (response.status(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// Sends `body` to the inference route.
    pub(crate) async fn infer_text(&self, body: impl Into<Bytes>) -> (StatusCode, Value) {
        let body = Full::new(body.into());
        let request = Request::post("/v2/models/m/infer").header("host", "replica").body(body).unwrap();
        let response = self.send("socket", request).await;
        (response.status(), serde_json::from_slice(response.body()).unwrap())
    }

    /// Sends inputs and returns the outputs of an answer that must be good.
    pub(crate) async fn infer(&self, inputs: Value) -> Vec<Value> {
        let (status, mut answer) = self.infer_text(json!({ "inputs": inputs }).to_string()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["outputs"].as_array_mut().map(std::mem::take).unwrap()
    }
}
