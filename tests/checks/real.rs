//! Candidates in scratch replicas of a real server, with real processes.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::program::until;
use tests::server::Server;

/// A server with the deployment `iris` of the first version and the candidates of the others.
async fn server() -> anyhow::Result<Server> {
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    Ok(server)
}

/// Asks for a check of a candidate and waits for its end.
async fn check(server: &Server, models: &str) -> anyhow::Result<Value> {
    let check = server.post("/deployments/iris/checks", &json!({"set": {"models": [models]}})).await?;
    let path = format!("/deployments/iris/checks/{}", check["id"].as_str().unwrap_or_default());
    until("the check's end", async || {
        let check = server.get(&path).await?;
        Ok((check["step"] == "ended").then_some(check))
    })
    .await
}

fn outcome<'a>(check: &'a Value, name: &str) -> &'a Value {
    let lines = check["report"]["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.iter().find(|line| line["check"] == name).map_or(&Value::Null, |line| &line["outcome"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_are_tried_beside_the_deployment() -> anyhow::Result<()> {
    let mut server = server().await?;
    let before = server.replicas()?;
    let good = check(&server, "iris@2").await?;
    let trial = &good["trial"];
    assert_eq!(
        (&trial["loads"]["result"], &trial["answers"]["result"]),
        (&json!("worked"), &json!("worked")),
        "{trial:#}"
    );
    let memory = trial["memory_bytes"].as_u64().unwrap_or_default();
    ensure!((5_000_000..2_000_000_000).contains(&memory), "{trial:#}");
    ensure!(trial["startup_ms"].as_u64().is_some_and(|ms| ms > 0), "{trial:#}");
    assert_eq!((outcome(&good, "model_loads"), outcome(&good, "sample_request")), (&json!("passed"), &json!("passed")));

    let bad = check(&server, "iris@3").await?;
    let problem = bad["trial"]["loads"]["problem"].as_str().unwrap_or_default();
    ensure!(bad["trial"]["loads"]["result"] == "failed" && problem.contains("cannot be loaded"), "{bad:#}");
    assert_eq!(outcome(&bad, "model_loads"), "failed");

    let after = server.replicas()?;
    let ids = |replicas: &[tests::processes::ReplicaProcess]| replicas.iter().map(|r| r.pid).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before), "the deployment's replica runs on, and no other is left");
    let kept = |folder: &str| -> anyhow::Result<Vec<String>> {
        let entries = std::fs::read_dir(server.data().join(folder))?.filter_map(Result::ok);
        Ok(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    };
    assert_eq!((kept("logs")?.len(), kept("work")?.len()), (1, 0), "their output is gone");

    // A server that is killed meanwhile takes the check again, and ends what is left of it.
    let asked = json!({"set": {"models": ["iris@2"], "version": "again"}});
    let again = server.post("/deployments/iris/checks", &asked).await?;
    server.kill()?;
    server.start_again().await?;
    let path = format!("/deployments/iris/checks/{}", again["id"].as_str().unwrap_or_default());
    until("the check's end", async || Ok((server.get(&path).await?["step"] == "ended").then_some(()))).await?;
    until("one replica", async || Ok((ids(&server.replicas()?) == ids(&before)).then_some(()))).await?;
    Ok(())
}
