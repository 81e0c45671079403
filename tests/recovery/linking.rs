//! Wherever the log ends that a killed server leaves: a link to a use case, and what comes under a policy by it, are there
//! together or not at all.

use std::fs;

use anyhow::{Context as _, ensure};
use domain::change_request::RequestState;
use domain::id::RequestId;
use reqwest::Method;
use serde_json::json;
use tests::server::{Server, answer};

use crate::log::{Log, torn};
use crate::scene;
use crate::team::{Newcomer, accepting, invite};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_and_what_it_moves_are_there_together() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 1})).await?;
    let secret = invite(&server, &[]).await?;
    let bob = Newcomer::join(accepting(&server, &secret, "bob")).await?;
    let use_case = server.post("/use-cases", &json!({"name": "Fraud"})).await?["id"].clone();
    let policy = json!({"name": "Two pairs of eyes", "actions": ["replace"], "importance": "any",
                        "use_cases": [use_case], "reviewers": [bob.id], "approvals": 1});
    server.post("/policies", &policy).await?;
    let labels = json!({"labels": ["one", "two", "three"]});
    let change = json!({"set": {"user_config": labels}, "accept_warnings": true, "apply": "by_hand"});
    let asked = server.post("/deployments/iris/rollouts", &change).await?;
    ensure!(asked["state"] == "approved", "somebody is asked about it: {asked:#}");
    let id: RequestId = asked["id"].as_str().context("no id")?.parse()?;
    let path = format!("/use-cases/{}/deployments/iris", use_case.as_str().context("no use case")?);
    for method in [Method::PUT, Method::DELETE, Method::PUT] {
        let done = answer(server.request(method, &path)?.json(&json!({}))).await?;
        ensure!(done.status == 200, "{done:?}");
    }
    server.kill()?;
    let log = Log::read(&server.data())?;
    let database = fs::read(server.data().join("changeover.db"))?;
    let (mut points, mut seen) = (0, Vec::new());
    for frame in log.frames.iter().rev() {
        let torn = torn(&database, &log.bytes[..frame.end])?;
        let store = &torn.store;
        let verified = store.read(|reading| reading.verify_history())?;
        ensure!(verified.intact, "torn after {} bytes: {verified:?}", frame.end);
        let Some(request) = store.read(|reading| reading.request(&id))? else { break };
        let linked = store.read(|reading| reading.deployments())?.iter().any(|row| !row.use_cases.is_empty());
        ensure!(linked == (request.state == RequestState::Open), "linked: {linked}, and it is {}", request.state);
        if seen.last() != Some(&linked) {
            seen.push(linked);
        }
        points += 1;
    }
    ensure!(seen == [true, false, true, false], "backwards it was linked like this: {seen:?}");
    scene::tried("places where the log is torn beside a link", points)
}
