//! Limits of resources (RAY-5), as this machine enforces them.

use serde_json::json;
use tests::program::until;
use tests::server::Server;

use crate::program::{program, say};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_too_much_memory_ends_and_says_so() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let resources = json!({"memory_gb": 0.1, "memory_gb_limit": 0.3});
    let greedy = json!({
        "runtime": "command", "command": ["python3", "-c", "taken = bytearray(1_000_000_000)"], "resources": resources,
    });
    server.post("/deployments", &json!({"name": "greedy", "configuration": greedy})).await?;
    let problem = until("the replica's end", async || {
        let deployment = server.get("/deployments/greedy?include=replicas").await?;
        Ok(deployment["replica_list"][0]["problem"].as_str().map(str::to_owned))
    })
    .await?;
    assert!(problem.contains("limit of 0.3 GB of memory"), "{problem}");

    // What stays below serves, and only what would go beyond is refused.
    let modest = json!({"runtime": "command", "command": program("python3"), "resources": resources});
    server.deploy("modest", modest).await?;
    assert_eq!(say(&server, "modest", "len(bytearray(100_000_000))").await?["said"], 100_000_000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_built_in_runtime_starts_within_a_tight_limit() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    let resources = json!({"cpu": 2, "cpu_limit": 2, "memory_gb": 0.1, "memory_gb_limit": 0.1});
    server.deploy("iris", json!({"models": ["iris@1"], "resources": resources})).await
}
