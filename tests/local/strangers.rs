//! The view that other users of the machine have of replicas, and the little that they get by taking a program's port.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::json;
use tests::processes::{signal, words_of};
use tests::program::{clean, program, until};
use tests::server::Server;

/// Answers; told to leave, it lives on and listens no more.
const LEAVES: &str = r#"
import http.server, os, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        if self.path == "/leave":
            self.server.socket.close()
            threading.Event().wait()
    do_POST = do_GET
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// The command lines of all processes of the machine.
fn command_lines() -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir("/proc")? {
        // One that ends meanwhile has none.
        let line = fs::read(entry?.path().join("cmdline")).unwrap_or_default();
        lines.push(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    Ok(lines)
}

/// The port of the program, as anybody can read it.
fn port_of(marker: &str) -> anyhow::Result<u16> {
    let lines = command_lines()?;
    let is_program = |line: &&String| line.split(' ').next().is_some_and(|word| word.ends_with("python3"));
    let program = lines.iter().filter(is_program).find(|line| line.contains(marker));
    Ok(program.and_then(|line| line.split_whitespace().nth_back(1)).context("no program runs")?.parse()?)
}

fn pids(server: &Server) -> anyhow::Result<Vec<u32>> {
    Ok(server.replicas()?.iter().map(|replica| replica.pid).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_line_names_the_replica_and_its_data_directory_alone() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let marker = format!("confidential-{}", std::process::id());
    server.register("iris", "iris-v1.onnx").await?;
    let labels = [0, 1, 2].map(|n| format!("{marker}-{n}"));
    server.deploy("iris", json!({"models": ["iris@1"], "user_config": {"labels": labels}})).await?;
    let program = ["python3", "-c", LEAVES, "{port}", "named-here"];
    let own = json!({"runtime": "command", "command": program, "routes": {"health": "/"},
        "user_config": {"key": marker}, "env": {"KEY": marker}});
    server.deploy("own", own).await?;
    let before = pids(&server)?;
    for again in [false, true] {
        if again {
            // It is found by what is left on the command line.
            server.kill()?;
            server.start_again().await?;
            ensure!(pids(&server)? == before, "{before:?} were replaced");
        }
        for line in command_lines()? {
            ensure!(!line.contains(&marker), "{line}");
            let words: Vec<_> = line.split_whitespace().collect();
            if words.get(1) == Some(&"replica") && line.contains(&*instance(&server)) {
                ensure!(words.len() == 7, "{line}");
            }
        }
    }
    Ok(())
}

fn instance(server: &Server) -> String {
    changeover::targets::local::Paths::new(&server.data()).instance
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_has_everything_on_its_command_line_is_adopted() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    let replica = server.replicas()?.pop().context("no replica runs")?;
    let words = fs::read(words_of(replica.pid))?;
    let words = String::from_utf8(words)?;
    server.kill()?;
    signal(replica.pid, Signal::KILL);
    until("the replica's end", async || Ok(server.replicas()?.is_empty().then_some(()))).await?;
    // As servers started replicas before; its process is one that no record names, as after a kill in the middle of a start.
    let mut old = clean(&program());
    old.args(["replica", "--id", &replica.id, "--instance", &instance(&server)]).args(words.split_terminator('\0'));
    let mut old = old.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    server.start_again().await?;
    until("the old replica in use", async || {
        let view = server.get("/deployments/iris?include=replicas").await?;
        let shown = &view["replica_list"][0];
        Ok((shown["state"] == "ready" && shown["pid"] == old.id()).then_some(()))
    })
    .await?;
    ensure!(server.get("/deployments/iris").await?["replicas"]["ready"] == 1);
    old.kill()?;
    old.wait()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_a_programs_port_gets_no_request() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let marker = format!("leaves-{}", std::process::id());
    let own = json!({"runtime": "command", "command": ["python3", "-c", LEAVES, "{port}", marker],
        "routes": {"health": "/"}, "liveness": {"initial_delay_seconds": 600}});
    server.deploy("own", own).await?;
    let (_, answer) = server.infer("own", "/predict", &json!({})).await?;
    ensure!(answer.body == "ok", "{answer:?}");
    let port = port_of(&marker)?;
    server.infer("own", "/leave", &json!({})).await?;
    let stranger = until("the port being free", async || Ok(TcpListener::bind(("127.0.0.1", port)).ok())).await?;
    stranger.set_nonblocking(true)?;
    for _ in 0..10 {
        let (_, answer) = server.infer("own", "/predict", &json!({"secret": 1})).await?;
        ensure!(answer.status >= 500, "{answer:?}");
    }
    let error = stranger.accept().expect_err("a stranger was connected to");
    ensure!(error.kind() == std::io::ErrorKind::WouldBlock, "{error}");
    Ok(())
}
