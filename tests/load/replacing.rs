//! Not one request fails while the model behind it is replaced, goes back by itself, and is rolled back.
//!
//! Clients on kept connections ask the real gateway without a pause, except for the moment in which a rollout
//! is asked for: so it is known exactly which requests belong to it, and the receipt can be held against the
//! clients' own count.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::clients::{Clients, Count};
use tests::program::until;
use tests::server::Server;

use crate::counted;

/// All together at least.
const REQUESTS: u64 = 20_000;
const CLIENTS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_model_is_replaced() -> anyhow::Result<()> {
    let _alone = crate::ALONE.lock().await;
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 3, "max_queue_ms": 60_000})).await?;

    let clients = Clients::start(&server, CLIENTS)?;
    // Every revision gets its share of the requests, also while nothing moves.
    let share = REQUESTS / 7;
    clients.reach(share).await?;
    let strategy = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 2});

    let update = json!({"set": {"models": ["iris@2"]}, "strategy": strategy});
    let (before, receipt) = roll(&server, &clients, "rollouts", &update, "completed").await?;
    // The last answer of revision 1 came before it was taken away, so it is in the receipt.
    check(&receipt, &before, &clients.count(), &[1])?;
    clients.reach(3 * share).await?;

    let broken = json!({"set": {"models": ["iris@3"]}, "strategy": strategy, "accept_warnings": true});
    let (before, receipt) = roll(&server, &clients, "rollouts", &broken, "reverted").await?;
    check(&receipt, &before, &clients.count(), &[])?;
    ensure!(receipt["by_revision"]["3"].is_null(), "a revision that was never ready was asked: {receipt:#}");
    clients.reach(5 * share).await?;

    let rollback = json!({"strategy": strategy});
    let (before, receipt) = roll(&server, &clients, "rollback", &rollback, "completed").await?;
    check(&receipt, &before, &clients.count(), &[2])?;
    clients.reach(REQUESTS).await?;

    let count = clients.stop().await?;
    ensure!(count.failures.is_empty(), "{} failed: {:#?}", count.failures.len(), count.failures);
    ensure!(count.answered() >= REQUESTS, "only {count:?}");
    ensure!(count.by_revision.keys().eq(&[1, 2, 4]), "{count:?}");
    ensure!(count.connections == CLIENTS as u64, "connections were closed: {count:?}");
    let counted = counted::by_gateway(&server, "iris").await?;
    ensure!(counted == count.by_revision, "{counted:?} {count:?}");
    println!("{count:?}");
    Ok(())
}

/// Starts a rollout between two requests and waits until it is over: the count when it began, and its receipt.
async fn roll(
    server: &Server,
    clients: &Clients,
    path: &str,
    request: &Value,
    phase: &str,
) -> anyhow::Result<(Count, Value)> {
    let pause = clients.pause().await;
    let before = clients.count();
    server.post(&format!("/deployments/iris/{path}"), request).await?;
    until("the rollout's begin", async || {
        let newest = server.get("/deployments/iris/rollouts?limit=1").await?;
        Ok((newest["items"][0]["phase"] != "pending").then_some(()))
    })
    .await?;
    drop(pause);
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["phase"] == phase, "{rollout:#}");
    println!("rollout {}: {}", rollout["number"], rollout["receipt"]);
    Ok((before, rollout["receipt"].clone()))
}

/// Holds a receipt against what the clients counted from `before` until `after`, a moment after its end.
fn check(receipt: &Value, before: &Count, after: &Count, left: &[u32]) -> anyhow::Result<()> {
    let number = |value: &Value| value.as_u64().context("the receipt lacks a number");
    let answered = number(&receipt["answered"])?;
    let during = after.answered() - before.answered();
    ensure!(receipt["failed"] == 0, "{receipt:#}");
    // What was on its way when the receipt was closed may be missing in the count or in the receipt.
    ensure!(answered > CLIENTS as u64 && answered <= during + CLIENTS as u64, "{during} were counted: {receipt:#}");
    let revisions = receipt["by_revision"].as_object().context("no revisions")?;
    let sum = revisions.values().map(|counts| number(&counts["answered"])).sum::<anyhow::Result<u64>>()?;
    ensure!(sum == answered, "the revisions' counts are no sum: {receipt:#}");
    for revision in left {
        let own = after.of(*revision) - before.of(*revision);
        let told = &receipt["by_revision"][revision.to_string()]["answered"];
        ensure!(*told == own && own > 0, "revision {revision} answered {own} times: {receipt:#}");
    }
    Ok(())
}
