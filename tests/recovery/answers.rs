//! No request is answered by a replica that was not ready, whoever is killed: asked of a program that would answer
//! long before its health route says that it may be asked.

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::json;
use tests::processes::signal;
use tests::program::until;
use tests::server::Server;

use crate::feed::Feed;
use crate::scene;
use crate::story::Story;
use crate::witness::{self, Witnesses};

/// Answers at once, and is ready a third of a second later.
const EAGER: &str = r#"
import http.server, sys, time
began = time.monotonic()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def do_GET(self):
        self.answer(200 if time.monotonic() > began + 0.3 else 503)
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(200)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

const CLIENTS: usize = 2;

/// Entries after which something is killed.
const MOMENTS: [u32; 6] = [1, 3, 5, 8, 12, 17];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_replicas_that_were_ready_answer() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let program = json!(["python3", "-c", EAGER, "{port}"]);
    let first = json!({"runtime": "command", "command": program, "replicas": 2, "max_queue_ms": 60_000});
    server.deploy("iris", first).await?;
    let clients = Witnesses::start(&server, CLIENTS);
    for (n, entries) in MOMENTS.into_iter().enumerate() {
        for kills_server in [false, true] {
            let version = format!("{n}-{kills_server}");
            round(&mut server, entries, kills_server, &version)
                .await
                .with_context(|| format!("killed after {entries} entries, the server: {kills_server}"))?;
        }
    }
    let seen = clients.stop().await?;
    for (status, text) in &seen.refusals {
        // A server that has just been started says so until it knows its replicas.
        let is_starting = text.contains(r#""code":"starting""#);
        ensure!(text.contains("replica_broke_off") || is_starting, "answered {status}: {text}");
    }
    server.kill()?;
    witness::check(&seen.answers, &scene::journal(&server)?)?;
    println!("{} answers, {} refused, {} lost", seen.answers.len(), seen.refusals.len(), seen.lost.len());
    scene::tried("a program that answers too early", 2 * MOMENTS.len() as u32)
}

/// An update in which the server or every replica but one is killed.
async fn round(server: &mut Server, entries: u32, kills_server: bool, version: &str) -> anyhow::Result<()> {
    let mut feed = Feed::open(server, scene::last_seq(server).await?).await?;
    let strategy = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 60});
    let update = json!({"set": {"version": version}, "strategy": strategy});
    server.post("/deployments/iris/rollouts", &update).await?;
    feed.reach(&Story::of("update"), entries).await?;
    if kills_server {
        server.kill()?;
        server.start_again().await?;
    } else {
        server.replicas()?.iter().skip(1).for_each(|replica| signal(replica.pid, Signal::KILL));
    }
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["phase"] == "completed", "{rollout:#}");
    until("exactly the wanted replicas", async || scene::settled(server, 2).await).await?;
    Ok(())
}
