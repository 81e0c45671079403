//! A real server with two replicas of `iris@1`, and what can be seen of it: by asking it, in the database that
//! it left behind, and among processes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use changeover::events::Events;
use changeover::store::Store;
use domain::event::{Entry, Event};
use domain::id::Seq;
use domain::replica::{Address, ReplicaRecord};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tests::processes::ReplicaProcess;
use tests::program::until;
use tests::server::Server;
use tokio::net::UnixStream;

use crate::story::{Outcome, REPLICAS, Story};

/// The path of a prediction below a deployment.
pub(crate) const PREDICT: &str = "/v2/models/iris/infer";

/// Counts what was killed, and says how much it is in all.
pub(crate) fn tried(what: &str, points: u32) -> anyhow::Result<()> {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let all = TRIED.fetch_add(points, Ordering::Relaxed) + points;
    // Past what the test harness keeps to itself.
    Ok(writeln!(std::io::stderr(), "kill points tried: {all} ({points} in {what})")?)
}

/// A server with two replicas of `iris@1`.
pub(crate) async fn open() -> anyhow::Result<Server> {
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": REPLICAS, "max_queue_ms": 60_000})).await?;
    Ok(server)
}

/// Prepares what the story needs.
pub(crate) async fn prepare(server: &Server, story: &Story) -> anyhow::Result<()> {
    if story.name == "rollback" {
        // So that there is something to go back to.
        server.post("/deployments/iris/rollouts", &json!({"set": {"models": ["iris@2"]}})).await?;
        server.until_over("iris").await?;
        server.post("/deployments/iris/rollback", &json!({})).await?;
        server.until_over("iris").await?;
    }
    Ok(())
}

/// Starts the story's n-th rollout.
pub(crate) async fn begin(server: &Server, story: &Story, n: u32) -> anyhow::Result<()> {
    let (path, mut request) = (story.request)(n);
    if let Some(before) = story.on_top_of {
        server.post("/deployments/iris/rollouts", &before()).await?;
        let newest = server.get("/deployments/iris/rollouts?limit=1").await?;
        request["on_top_of"] = newest["items"][0]["number"].clone();
    }
    server.post(&format!("/deployments/iris/{path}"), &request).await?;
    Ok(())
}

/// The newest entry of the journal.
pub(crate) async fn last_seq(server: &Server) -> anyhow::Result<u64> {
    server.get("/history?limit=1").await?["items"][0]["seq"].as_u64().context("no history")
}

/// Entries after this one, oldest first.
pub(crate) async fn entries_after(server: &Server, after: u64) -> anyhow::Result<Vec<Event>> {
    let page = server.get("/history?limit=1000").await?;
    let items = page["items"].as_array().context("no history")?;
    let new = items.iter().rev().filter(|item| item["seq"].as_u64() > Some(after));
    new.map(|item| Ok(serde_json::from_value(item["event"].clone())?)).collect()
}

/// Waits until everything is as it must be, and checks that; the replicas' processes.
pub(crate) async fn until_as_meant(server: &Server, outcome: &Outcome) -> anyhow::Result<Vec<ReplicaProcess>> {
    let path = "/deployments/iris";
    if let Some(phase) = outcome.phase {
        let rollout = server.until_over("iris").await?;
        ensure!(rollout["phase"] == phase, "it ended {}: {rollout:#}", rollout["phase"]);
    }
    let status = if outcome.replicas == 0 { "stopped" } else { "running" };
    until(status, async || Ok((server.get(path).await?["status"] == status).then_some(()))).await?;
    let running = until("exactly the wanted replicas", async || settled(server, outcome.replicas).await);
    let running = match running.await {
        Ok(running) => running,
        Err(error) => bail!("{error}: {:#}", server.get("/deployments/iris?include=replicas").await?),
    };
    let model = outcome.model;
    ensure!(running.iter().all(|replica| replica.model == model), "other models than {model} run: {running:?}");
    let revision = server.get(path).await?["revision"].clone();
    for _ in 0..2 * outcome.replicas {
        let (by, answer) = server.infer("iris", PREDICT, &flower()).await?;
        ensure!(answer.status == 200 && by.map(Value::from).as_ref() == Some(&revision), "{by:?} {answer:?}");
        ensure!(answer.body["outputs"][0]["data"] == json!([outcome.label]), "{answer:?}");
    }
    let verified = server.get("/history/verify").await?;
    ensure!(verified["intact"] == true, "{verified:#}");
    Ok(running)
}

/// The running replicas, once they are exactly those that the server shows, all of these are ready, and so many.
pub(crate) async fn settled(server: &Server, replicas: usize) -> anyhow::Result<Option<Vec<ReplicaProcess>>> {
    let deployment = server.get("/deployments/iris?include=replicas").await?;
    let shown = deployment["replica_list"].as_array().context("no list of replicas")?;
    if shown.len() != replicas || shown.iter().any(|replica| replica["state"] != "ready") {
        return Ok(None);
    }
    let running = server.replicas()?;
    let shown: BTreeMap<_, _> = shown.iter().map(|replica| (replica["id"].as_str(), replica["pid"].as_u64())).collect();
    let same = running.iter().map(|r| (Some(r.id.as_str()), Some(u64::from(r.pid)))).eq(shown);
    Ok(same.then_some(running))
}

/// A request about a flower.
pub(crate) fn flower() -> Value {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    json!({"inputs": [flower]})
}

/// The records that a killed server left behind.
pub(crate) struct LeftBehind {
    pub(crate) replicas: Vec<ReplicaRecord>,
    pub(crate) last_seq: u64,
    pub(crate) last: Event,
}

/// Reads the database of a killed server.
pub(crate) fn left_behind(server: &Server) -> anyhow::Result<LeftBehind> {
    // A copy, so that the next server finds the files as the killed one left them.
    let copy = tempfile::tempdir()?;
    copy_database(&server.data(), copy.path())?;
    let store = Store::open(copy.path(), Events::default())?;
    store.read(|reading| {
        let row = reading.deployment_called("iris")?.context("the deployment is forgotten")?;
        let last_seq = reading.last_seq()?.0;
        let last = reading.entries_after(Seq(last_seq - 1), 1)?.pop().context("nothing was recorded")?;
        Ok(LeftBehind { replicas: reading.replicas(&row.id)?, last_seq, last: last.read()?.entry.event })
    })
}

/// Everything that a killed server had entered.
pub(crate) fn journal(server: &Server) -> anyhow::Result<Vec<Entry>> {
    let copy = tempfile::tempdir()?;
    copy_database(&server.data(), copy.path())?;
    let store = Store::open(copy.path(), Events::default())?;
    let written = store.read(|reading| reading.entries_after(Seq(0), u32::MAX))?;
    written.iter().map(|written| Ok(written.read()?.entry)).collect()
}

/// Copies a database that nobody uses, with what has not been written back yet.
pub(crate) fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    for name in ["changeover.db", "changeover.db-wal"] {
        fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

/// Asks a replica itself about a flower, without a server in between.
pub(crate) async fn answers_itself(record: &ReplicaRecord) -> anyhow::Result<()> {
    let Some(Address::Unix(socket)) = &record.address else { bail!("{} has no socket", record.id) };
    let stream = UnixStream::connect(socket).await.with_context(|| format!("{} cannot be reached", record.id))?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::post(PREDICT).header("host", "replica").header("content-type", "application/json");
    let request = request.body(Full::new(Bytes::from(flower().to_string())))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let text = response.into_body().collect().await?.to_bytes();
    connection.abort();
    ensure!(status == 200, "{} answered {status}: {}", record.id, String::from_utf8_lossy(&text));
    Ok(())
}
