//! Server-sent tokens while the replica that sends them is replaced: they are finished up to the drain limit,
//! and cut only after it, and the receipt says which.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::clients::Clients;
use tests::program::PATIENCE;
use tests::server::Server;

use crate::real;

/// A stream and what came of it.
struct Heard {
    tokens: usize,
    /// All that was promised, and a proper end.
    whole: bool,
    /// From the beginning of the rollout to the end of the stream.
    after: Duration,
    rollout: Value,
}

/// Replaces a replica with a drain of so many seconds while it sends so many tokens, ten a second. How long it may take to
/// begin an answer has nothing to do with that.
async fn replaced_while_it_streams(drain: Option<u32>, scoring: u32, tokens: usize) -> anyhow::Result<Heard> {
    let server = Server::start().await?;
    let mut configuration = real::configuration("");
    configuration["replicas"] = json!(1);
    configuration["scoring_timeout_ms"] = json!(scoring * 1000);
    configuration["drain_seconds"] = json!(drain);
    server.deploy("chat", configuration).await?;
    let clients = Clients::steady(&server, "chat", 1, Duration::from_millis(20))?;
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let url = format!("http://{}/chat/stream?tokens={tokens}&every=100", server.gateway);
    let mut stream = http.get(url).send().await?.error_for_status()?;
    ensure!(stream.headers()["x-changeover-revision"] == "1");
    let mut text = stream.chunk().await?.context("no token")?.to_vec();

    let began = Instant::now();
    let update = json!({"set": {"version": "2"}, "strategy": {"max_surge": 1, "max_unavailable": 0}});
    server.post("/deployments/chat/rollouts", &update).await?;
    let listen = async {
        loop {
            match stream.chunk().await {
                Ok(Some(chunk)) => text.extend_from_slice(&chunk),
                Ok(None) => break (true, began.elapsed()),
                Err(_) => break (false, began.elapsed()),
            }
        }
    };
    let ((ended, after), rollout) = tokio::join!(listen, server.until_over("chat"));
    let (rollout, count) = (rollout?, clients.stop().await?);
    ensure!(count.failures.is_empty(), "plain requests failed: {:?}", count.failures);
    ensure!(rollout["phase"] == "completed", "{rollout:#}");
    ensure!(count.of(2) > 0, "the new revision was never asked: {count:?}");
    let text = String::from_utf8(text)?;
    let heard = text.matches("token").count();
    Ok(Heard { tokens: heard, whole: ended && heard == tokens && text.ends_with("[DONE]\n\n"), after, rollout })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_within_the_drain_limit_is_finished() -> anyhow::Result<()> {
    let Heard { tokens, whole, rollout, .. } = replaced_while_it_streams(Some(30), 2, 30).await?;
    ensure!(whole, "it was cut after {tokens} tokens: {rollout:#}");
    let old = &rollout["receipt"]["by_revision"]["1"];
    ensure!(rollout["receipt"]["failed"] == 0, "{rollout:#}");
    ensure!(old["drained"].as_u64() >= Some(1) && old["longest_drain_ms"].as_u64() > Some(0), "{rollout:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_beyond_the_drain_limit_is_cut_only_then() -> anyhow::Result<()> {
    let Heard { tokens, whole, after, rollout } = replaced_while_it_streams(Some(2), 60, 600).await?;
    ensure!(!whole && after >= Duration::from_secs(2), "{tokens} tokens in {after:?}, whole: {whole}: {rollout:#}");
    let old = &rollout["receipt"]["by_revision"]["1"];
    ensure!(old["failed"] == 1 && rollout["receipt"]["failed"] == 1, "{rollout:#}");
    ensure!(old["cut"] == 1 && rollout["receipt"]["cut"] == 1, "{rollout:#}");
    ensure!(old["longest_drain_ms"].as_u64() >= Some(2_000), "{rollout:#}");
    let steps = rollout["steps"].as_array().context("no steps")?;
    let said = "its drain limit of 2 s is over with 1 request left";
    ensure!(steps.iter().any(|step| step["reason"] == said), "{rollout:#}");
    Ok(())
}
