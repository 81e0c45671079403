//! A change of `user_config` alone reaches running replicas in place, and later ones from their start (RAY-4).

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::clients::Clients;
use tests::program::until;
use tests::server::{Server, answer};

use crate::program::{ask, program};

const NEW_LABELS: [&str; 3] = ["my-setosa", "my-versicolor", "my-virginica"];

fn pids(server: &Server) -> anyhow::Result<BTreeSet<u32>> {
    Ok(server.replicas()?.iter().map(|replica| replica.pid).collect())
}

/// The labels that so many requests for one flower are answered with.
async fn labels(server: &Server, requests: usize) -> anyhow::Result<BTreeSet<String>> {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    let mut labels = BTreeSet::new();
    for _ in 0..requests {
        let (_, answer) = server.infer("iris", "/v2/models/iris/infer", &json!({"inputs": [flower]})).await?;
        labels.insert(answer.body["outputs"][0]["data"][0].as_str().unwrap_or_default().to_owned());
    }
    Ok(labels)
}

async fn update(server: &Server, request: Value) -> anyhow::Result<Value> {
    server.post("/deployments/iris/rollouts", &request).await?;
    server.until_over("iris").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn running_replicas_take_it_and_later_ones_have_it() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 3, "max_queue_ms": 60_000})).await?;
    let before = pids(&server)?;
    assert_eq!(before.len(), 3);
    let clients = Clients::start(&server, 2)?;
    clients.reach(50).await?;

    let rollout = update(&server, json!({"set": {"user_config": {"labels": NEW_LABELS}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    clients.reach(clients.count().answered() + 50).await?;
    let count = clients.stop().await?;
    assert_eq!(count.failures, [""; 0]);
    assert!(count.of(1) > 0 && count.of(2) > 0, "{count:?}");
    assert_eq!(pids(&server)?, before, "no process was started or ended");
    assert_eq!(labels(&server, 12).await?, BTreeSet::from(["my-setosa".to_owned()]));

    // More of the same: the new ones have it from their start, the old ones stay.
    let rollout = update(&server, json!({"set": {"replicas": 5}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    assert!(pids(&server)?.is_superset(&before) && pids(&server)?.len() == 5);
    assert_eq!(labels(&server, 20).await?, BTreeSet::from(["my-setosa".to_owned()]));

    // A process that is lost comes back with it.
    let lost = *before.first().expect("there are three");
    tests::processes::signal(lost, rustix::process::Signal::KILL);
    until("five replicas again", async || {
        let now = pids(&server)?;
        let all = server.get("/deployments/iris").await?["replicas"]["ready"] == 5;
        Ok((all && now.len() == 5 && !now.contains(&lost)).then_some(()))
    })
    .await?;
    assert_eq!(labels(&server, 20).await?, BTreeSet::from(["my-setosa".to_owned()]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_fit_the_signature_is_refused_before_anything_moves() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "user_config": {"labels": NEW_LABELS}})).await?;
    for (user_config, why) in [
        (json!({"labels": ["only", "two"]}), "2 names are given, and this model has 3 (setosa, versicolor, virginica)"),
        (json!({"threshold": 0.3}), "it chooses between two classes, and this model has 3"),
    ] {
        let request = json!({"set": {"user_config": user_config}});
        let refused = server.post("/deployments/iris/rollouts", &request).await.unwrap_err().to_string();
        assert!(refused.contains("422") && refused.contains("user_config") && refused.contains(why), "{refused}");
    }
    assert_eq!(labels(&server, 2).await?, BTreeSet::from(["my-setosa".to_owned()]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_a_program_refuses_is_reverted_at_once_with_its_reason() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let first = json!({
        "runtime": "command", "command": program("python3"), "replicas": 2,
        "routes": {"reconfigure": "/new"}, "user_config": {"n": 1}, "max_queue_ms": 60_000,
    });
    server.deploy("iris", first).await?;
    let before = pids(&server)?;
    // With the default deadline of ten minutes, which is longer than this test waits for anything.
    let rollout = update(&server, json!({"set": {"user_config": {"refuse": "n is missing"}}})).await?;
    assert_eq!(rollout["phase"], "reverted", "{rollout:#}");
    let error = rollout["error"].as_str().unwrap_or_default();
    assert!(error.contains("cannot run") && error.contains("answers 400: n is missing"), "{rollout:#}");
    assert_eq!((ask(&server, "iris").await?["told"].clone(), pids(&server)?), (json!({"n": 1}), before));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_takes_it_on_its_route_and_is_restarted_without_one() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let told = async || Ok::<_, anyhow::Error>(ask(&server, "iris").await?["told"].clone());
    let first = json!({
        "runtime": "command", "command": program("python3"), "replicas": 1,
        "routes": {"reconfigure": "/new"}, "user_config": {"n": 1}, "max_queue_ms": 60_000,
    });
    server.deploy("iris", first).await?;
    assert_eq!(told().await?, json!({"n": 1}), "from its start");
    let before = pids(&server)?;

    let rollout = update(&server, json!({"set": {"user_config": {"n": 2}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    assert_eq!((told().await?, pids(&server)?), (json!({"n": 2}), before.clone()));

    let rollout = update(&server, json!({"set": {"routes": {"reconfigure": null}, "user_config": {"n": 3}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    assert_eq!(told().await?, json!({"n": 3}));
    let without_route = pids(&server)?;
    let rollout = update(&server, json!({"set": {"user_config": {"n": 4}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    assert_eq!(told().await?, json!({"n": 4}));
    assert!(pids(&server)?.is_disjoint(&without_route), "it was restarted");
    Ok(())
}

/// A program with so many replicas that takes a new `user_config` on its route.
fn told_on_its_route(replicas: u32, reconfigure: Value) -> Value {
    json!({
        "runtime": "command", "command": program("python3"), "replicas": replicas, "max_concurrent_requests": 4,
        "routes": {"reconfigure": "/new"}, "reconfigure": reconfigure, "user_config": {"n": 1},
        "liveness": {"period_seconds": 1, "timeout_seconds": 1},
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_busy_with_it_gets_no_requests_meanwhile() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.deploy("iris", told_on_its_route(2, json!({}))).await?;
    let before = pids(&server)?;
    let clients = Clients::steady(&server, "iris", 2, Duration::from_millis(50))?;
    clients.reach(10).await?;
    // Longer than a look at its health may take.
    let rollout = update(&server, json!({"set": {"user_config": {"n": 2, "slow": 2.5}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    let count = clients.stop().await?;
    assert_eq!(count.failures, [""; 0], "{rollout:#}");
    assert_eq!(pids(&server)?, before, "the same processes as before: {rollout:#}");
    assert_eq!(ask(&server, "iris").await?["told"]["n"], 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_take_it_in_time_is_replaced_by_a_fresh_one() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.deploy("iris", told_on_its_route(1, json!({"timeout_seconds": 1, "attempts": 2}))).await?;
    let before = pids(&server)?;
    let clients = Clients::steady(&server, "iris", 2, Duration::from_millis(50))?;
    clients.reach(10).await?;
    let rollout = update(&server, json!({"set": {"user_config": {"n": 2, "slow": 600}}})).await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    let count = clients.stop().await?;
    assert_eq!(count.failures, [""; 0], "{rollout:#}");
    assert!(pids(&server)?.is_disjoint(&before), "{rollout:#}");
    assert_eq!(ask(&server, "iris").await?["told"]["n"], 2);
    let asked = rollout["steps"].as_array().into_iter().flatten().filter(|step| step["kind"] == "reconfigure").count();
    assert_eq!(asked, 3, "off the route, and asked twice: {rollout:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_busy_with_it_does_not_keep_the_server_from_its_end() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    busy_for_an_hour(&server).await?;
    assert!(server.stop().await?.success());
    assert!(server.replicas()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_program_that_is_busy_with_what_was_cancelled() -> anyhow::Result<()> {
    let server = Server::start().await?;
    busy_for_an_hour(&server).await?;
    server.post("/deployments/iris/rollouts/2/cancel", &json!({})).await?;
    assert_eq!(server.until_over("iris").await?["phase"], "cancelled");
    let deployment = server.get("/deployments/iris?include=replicas").await?;
    assert_eq!(deployment["replica_list"].as_array().map(Vec::len), Some(1), "{deployment:#}");
    assert_eq!(deployment["replica_list"][0]["revision"], 1, "{deployment:#}");

    server.post("/deployments/iris/rollouts", &json!({"set": {"user_config": {"n": 3, "slow": 3_600}}})).await?;
    until_asked(&server, 3).await?;
    answer(server.request(Method::DELETE, "/deployments/iris")?).await?;
    until("the deployment being gone", async || {
        Ok((server.get("/deployments").await?["items"] == json!([])).then_some(()))
    })
    .await
}

/// One replica, which was given a `user_config` that it takes an hour for.
async fn busy_for_an_hour(server: &Server) -> anyhow::Result<()> {
    server.deploy("iris", told_on_its_route(1, json!({"timeout_seconds": 3_600}))).await?;
    server.post("/deployments/iris/rollouts", &json!({"set": {"user_config": {"n": 2, "slow": 3_600}}})).await?;
    until_asked(server, 2).await
}

async fn until_asked(server: &Server, rollout: u32) -> anyhow::Result<()> {
    until("the program being asked", async || {
        let rollouts = server.get(&format!("/deployments/iris/rollouts/{rollout}")).await?;
        let steps = rollouts["steps"].as_array().into_iter().flatten();
        Ok((steps.filter(|step| step["kind"] == "reconfigure").count() == 2).then_some(()))
    })
    .await
}
