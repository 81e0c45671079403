//! A store that cannot be written: another program holds its lock, as a careless back-up does.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use rusqlite::Connection;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes::signal;
use tests::program::until;
use tests::server::{Server, answer};

use crate::lost::with_iris;

/// The number of answers by status; a tenth of a second between two of them.
async fn asked(server: &Server, times: u32) -> anyhow::Result<BTreeMap<u16, u32>> {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    let mut answers = BTreeMap::new();
    for _ in 0..times {
        let (_, answer) = server.infer("iris", "/v2/models/iris/infer", &json!({"inputs": [flower]})).await?;
        *answers.entry(answer.status).or_default() += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(answers)
}

async fn ready(server: &Server) -> anyhow::Result<Value> {
    Ok(server.get("/deployments/iris").await?["replicas"]["ready"].clone())
}

#[tokio::test]
async fn what_is_seen_is_routed_and_shown_while_another_program_locks_the_store() -> anyhow::Result<()> {
    let server = with_iris().await?;
    let other = Connection::open(server.data().join("changeover.db"))?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let replicas = server.replicas()?;
    ensure!(replicas.len() == 2, "{replicas:?}");
    signal(replicas[0].pid, Signal::KILL);
    until("one to be ready", async || Ok((ready(&server).await? == 1).then_some(()))).await?;
    let one = asked(&server, 30).await?;
    signal(replicas[1].pid, Signal::KILL);
    let seen = asked(&server, 60).await?;
    until("nothing to be ready", async || Ok((ready(&server).await? == 0).then_some(()))).await?;
    let none = asked(&server, 10).await?;
    let shown = ready(&server).await?;
    let answer = reqwest::get(format!("http://{}/readyz", server.listen)).await?;
    let (status, health): (_, Value) = (answer.status(), answer.json().await?);
    let figures = format!(
        "one killed: {one:?}; both killed: {seen:?}, then {none:?}; {shown} shown as ready; /readyz {status} {health}"
    );
    // Past what the test harness keeps to itself.
    writeln!(std::io::stderr(), "while the store is locked: {figures}")?;
    let only = |answers: &BTreeMap<u16, u32>, status: u16| answers.keys().all(|found| *found == status);
    ensure!(only(&one, 200), "with one replica left: {figures}");
    ensure!(only(&none, 503), "no replica is there, and requests were sent on: {figures}");
    ensure!(shown == 0, "{figures}");
    ensure!(status == 200 && health["status"] == "degraded", "{figures}");
    ensure!(health["problem"].as_str().context("a problem")?.contains("locked"), "{figures}");
    let session = server.get("/session").await?;
    ensure!(session["storage_problem"].is_string(), "the page is told nothing: {session}");

    other.execute_batch("ROLLBACK")?;
    until("both replicas again", async || Ok((ready(&server).await? == 2).then_some(()))).await?;
    ensure!(only(&asked(&server, 10).await?, 200), "it does not go on");
    until("everything to be well", async || {
        let shown: Value = reqwest::get(format!("http://{}/readyz", server.listen)).await?.json().await?;
        Ok((shown["status"] == "ok").then_some(()))
    })
    .await?;
    let verified = server.get("/history/verify").await?;
    ensure!(verified["intact"] == true, "{verified:#}");
    Ok(())
}

#[tokio::test]
async fn it_is_noticed_that_writing_is_possible_again_though_nobody_writes() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let health = async || -> anyhow::Result<Value> {
        Ok(reqwest::get(format!("http://{}/readyz", server.listen)).await?.json().await?)
    };
    let other = Connection::open(server.data().join("changeover.db"))?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let model = json!({"name": "far", "kind": "external", "url": "http://127.0.0.1:9/far"});
    let refused = answer(server.request(Method::POST, "/models")?.json(&model)).await?;
    ensure!(refused.status == 503 && refused.body["code"] == "storage_unavailable", "{refused:?}");
    ensure!(health().await?["status"] == "degraded", "{}", health().await?);
    other.execute_batch("ROLLBACK")?;
    until("everything to be well", async || Ok((health().await?["status"] == "ok").then_some(()))).await
}
