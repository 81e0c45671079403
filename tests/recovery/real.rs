//! The same with the real thing: `kill -9` of the real server, with real processes left behind.
//!
//! One deployment lives through rollout after rollout. In each, the server is killed as soon as its n-th
//! entry is in the journal, for every n that such a rollout has; then it is started again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};

use anyhow::{Context as _, ensure};
use changeover::events::Events;
use changeover::store::Store;
use domain::event::ReplicaRecord;
use domain::id::Seq;
use domain::observed::Intent;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes::{ReplicaProcess, signal};
use tests::program::{clean, program, until};
use tests::server::Server;

/// What runs in the beginning.
const REPLICAS: usize = 2;

/// When the server is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// After so many entries of the rollout.
    Entry(u32),
    /// After so many entries since it began to go back.
    EntryOfRevert(u32),
}

/// A rollout that is started over and over, and what must come of it.
struct Story {
    path: &'static str,
    /// The request for the n-th rollout.
    request: fn(u32) -> Value,
    phase: &'static str,
    /// What every replica runs after the n-th rollout.
    model: fn(u32) -> &'static str,
    /// The n-th kill.
    kill: fn(u32) -> Kill,
    /// Kills after which it is enough even if the rollout has more entries.
    most: u32,
}

fn careful() -> Value {
    json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 30})
}

fn in_turn(n: u32) -> &'static str {
    if n % 2 == 1 { "iris@2" } else { "iris@1" }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_finished() -> anyhow::Result<()> {
    let request = |n| json!({"set": {"models": [in_turn(n)]}, "strategy": careful()});
    let kill = |n| Kill::Entry(n - 1);
    everywhere(&Story { path: "rollouts", request, phase: "completed", model: in_turn, kill, most: 60 }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_is_finished() -> anyhow::Result<()> {
    let kill = |n| Kill::Entry(n - 1);
    let request = |_| json!({"to": null});
    everywhere(&Story { path: "rollback", request, phase: "completed", model: in_turn, kill, most: 60 }).await
}

const BROKEN: fn(u32) -> Value = |_| {
    let hasty = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 1});
    json!({"set": {"models": ["iris@3"]}, "strategy": hasty})
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_update_is_reverted() -> anyhow::Result<()> {
    let kill = |n| Kill::Entry(n - 1);
    everywhere(&Story { path: "rollouts", request: BROKEN, phase: "reverted", model: |_| "iris@1", kill, most: 12 })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revert_is_finished() -> anyhow::Result<()> {
    let kill = |n| Kill::EntryOfRevert(n - 1);
    everywhere(&Story { path: "rollouts", request: BROKEN, phase: "reverted", model: |_| "iris@1", kill, most: 20 })
        .await
}

#[tokio::test]
async fn strays_are_ended_and_the_dead_are_replaced() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": REPLICAS})).await?;
    server.kill()?;
    let [kept, dead] = server.replicas()?.try_into().ok().context("there are not two replicas")?;
    // One that no journal knows, as after a database was taken back to an older copy.
    let mut stray = twin(&kept, "r-stray")?;
    until("the stray", async || Ok((server.replicas()?.len() == REPLICAS + 1).then_some(()))).await?;
    signal(dead.pid, Signal::KILL);

    server.start_again().await?;
    let running = until("exactly the wanted replicas", async || settled(&server).await).await?;
    stray.kill()?;
    stray.wait()?;
    ensure!(running.contains(&kept), "{kept:?} was replaced: {running:?}");
    ensure!(running.iter().all(|replica| replica.pid != dead.pid && replica.id != "r-stray"), "{running:?}");
    answers(&server, &json!(1)).await
}

/// Starts another process like this one, under another id.
fn twin(replica: &ReplicaProcess, id: &str) -> anyhow::Result<Child> {
    let line = fs::read_to_string(format!("/proc/{}/cmdline", replica.pid))?.replace(&replica.id, id);
    let words: Vec<_> = line.split_terminator('\0').skip(1).collect();
    let mut command = clean(&program());
    command.args(words).process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command.spawn()?)
}

async fn everywhere(story: &Story) -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": REPLICAS})).await?;
    if story.path == "rollback" {
        // So that there is something to go back to.
        server.post("/deployments/iris/rollouts", &json!({"set": {"models": ["iris@2"]}})).await?;
        server.until_over("iris").await?;
        server.post("/deployments/iris/rollback", &json!({})).await?;
        server.until_over("iris").await?;
    }
    let mut last_words = BTreeSet::new();
    for n in 1..=story.most {
        let killed = killed_in(story, &mut server, n).await.with_context(|| format!("kill {:?}", (story.kill)(n)))?;
        last_words.extend(killed.last_word);
        if !killed.reached {
            break;
        }
    }
    println!("killed when the last entry was: {last_words:?}");
    ensure!(last_words.len() >= 4, "the kills all fell into the same moments: {last_words:?}");
    Ok(())
}

/// What came of one kill.
struct Killed {
    /// False when the rollout has fewer entries, and was over before the kill.
    reached: bool,
    /// The last thing that the killed server had entered, while the rollout was in progress.
    last_word: Option<String>,
}

/// One rollout with a kill in it.
async fn killed_in(story: &Story, server: &mut Server, n: u32) -> anyhow::Result<Killed> {
    let before = server.get("/history?limit=1").await?["items"][0]["seq"].as_u64().context("no history")?;
    let mut feed = Feed::open(server, before).await?;
    server.post(&format!("/deployments/iris/{}", story.path), &(story.request)(n)).await?;
    let reached = feed.reach((story.kill)(n)).await?;
    server.kill()?;
    drop(feed);

    let (records, last_word) = left_behind(server, before)?;
    let orphans = server.replicas()?;
    server.start_again().await?;
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["phase"] == story.phase, "it ended {}: {rollout:#}", rollout["phase"]);
    let running = until("exactly the wanted replicas", async || settled(server).await).await?;

    let model = (story.model)(n);
    ensure!(running.iter().all(|replica| replica.model == model), "other models than {model} run: {running:?}");
    let kept = records.iter().filter(|record| record.intent == Intent::Run && record.observed.is_ready());
    for record in kept {
        let pid = record.process.context("a ready replica has no process")?.pid;
        let orphan = orphans.iter().find(|orphan| orphan.pid == pid);
        let orphan = orphan.with_context(|| format!("{} died with its server", record.id))?;
        ensure!(
            orphan.model != model || running.contains(orphan),
            "{orphan:?} was ready and wanted, and was replaced: {running:?}"
        );
    }
    let deployment = server.get("/deployments/iris").await?;
    ensure!(deployment["status"] == "running", "{deployment:#}");
    answers(server, &deployment["revision"]).await?;
    let verified = server.get("/history/verify").await?;
    ensure!(verified["intact"] == true, "{verified:#}");
    Ok(Killed { reached, last_word })
}

/// The running replicas, once they are exactly those that the server shows, and all of these are ready.
async fn settled(server: &Server) -> anyhow::Result<Option<Vec<ReplicaProcess>>> {
    let running = server.replicas()?;
    let deployment = server.get("/deployments/iris?include=replicas").await?;
    let shown = deployment["replica_list"].as_array().context("no list of replicas")?;
    let ready = |replica: &&Value| replica["state"] == "ready";
    let shown: BTreeMap<_, _> = shown.iter().filter(ready).map(|r| (r["id"].as_str(), r["pid"].as_u64())).collect();
    let same = running.iter().map(|r| (Some(r.id.as_str()), Some(u64::from(r.pid)))).eq(shown);
    Ok((same && running.len() == REPLICAS).then_some(running))
}

/// What the killed server had recorded of its replicas, and the last thing that it did while it was not done.
fn left_behind(server: &Server, before: u64) -> anyhow::Result<(Vec<ReplicaRecord>, Option<String>)> {
    // A copy, so that the next server finds the files as the killed one left them.
    let copy = tempfile::tempdir()?;
    for name in ["changeover.db", "changeover.db-wal"] {
        fs::copy(server.data().join(name), copy.path().join(name))?;
    }
    let store = Store::open(copy.path(), Events::default())?;
    store.read(|reading| {
        let row = reading.deployment_called("iris")?.context("the deployment is forgotten")?;
        let entries = reading.entries_after(Seq(before), 1000)?;
        let last = entries.last().context("nothing was recorded")?;
        let value = serde_json::to_value(&last.entry.event)?;
        let replica = &value["replica"];
        let details = [&value["kind"], &value["step"], &value["event"], &replica["intent"], &replica["observed"]];
        let words: Vec<_> = details.into_iter().filter(|detail| !detail.is_null()).map(word).collect();
        Ok((reading.replicas(&row.id)?, row.rollout.is_some().then(|| words.join(" "))))
    })
}

/// A word, or the first one of what is inside.
fn word(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Object(fields) => fields.values().next().map(word).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// Asks every replica about a flower.
async fn answers(server: &Server, revision: &Value) -> anyhow::Result<()> {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    for _ in 0..2 * REPLICAS {
        let (by, answer) = server.infer("iris", "/v2/models/iris/infer", &json!({"inputs": [flower]})).await?;
        ensure!(answer.status == 200 && by.map(Value::from).as_ref() == Some(revision), "{by:?} {answer:?}");
        ensure!(answer.body["outputs"][0]["data"] == json!(["setosa"]), "{answer:?}");
    }
    Ok(())
}

/// The journal as it is written.
struct Feed {
    response: reqwest::Response,
    text: String,
}

impl Feed {
    async fn open(server: &Server, after: u64) -> anyhow::Result<Self> {
        let response = server.request(Method::GET, &format!("/events?after={after}"))?.send().await?;
        ensure!(response.status() == 200, "{response:?}");
        Ok(Self { response, text: String::new() })
    }

    /// Returns as soon as the entry is there; false when the rollout is over without it.
    async fn reach(&mut self, kill: Kill) -> anyhow::Result<bool> {
        let (mut counts, mut seen) = (false, 0);
        let (Kill::Entry(wanted) | Kill::EntryOfRevert(wanted)) = kill;
        while !counts || seen < wanted {
            let event = &self.next().await?["event"];
            seen += u32::from(counts);
            counts |= match kill {
                Kill::Entry(_) => event["kind"] == "rollout_started",
                Kill::EntryOfRevert(_) => event["phase"]["reverting"].is_string(),
            };
            if ["completed", "reverted"].into_iter().any(|phase| event["phase"] == phase) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let data = block.lines().find_map(|line| line.strip_prefix("data:")).map(str::to_owned);
                self.text = rest.to_owned();
                match data {
                    Some(data) => return Ok(serde_json::from_str(data.trim())?),
                    None => continue,
                }
            }
            let chunk = self.response.chunk().await?.context("the feed ended")?;
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
    }
}
