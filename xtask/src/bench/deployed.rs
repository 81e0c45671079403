//! Deployments that are measured.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::live::{Api, wait_until_running};

/// Deploys iris@1 and waits until it runs; gives its reading, replicas included.
pub(super) async fn deploy(api: &Api, name: &str, replicas: u32) -> Result<Value> {
    let configuration = json!({
        "name": name, "models": ["iris@1"], "runtime": "onnx", "replicas": replicas,
        // As many as there are clients: what is measured is the way, not the waiting.
        "max_concurrent_requests": 64,
        // So little that 50 of them and their successors fit on any machine.
        "resources": {"cpu": 0.01, "memory_gb": 0.01},
    });
    api.post("/deployments", &json!({"name": name, "target": "local", "configuration": configuration})).await?;
    wait_until_running(api, name).await
}

pub(super) fn replica_pids(deployment: &Value) -> Result<Vec<i32>> {
    let replicas = deployment["replica_list"].as_array().context("the deployment lists no replicas")?;
    let ready = replicas.iter().filter(|replica| replica["state"] == "ready");
    let pids = ready.map(|replica| replica["pid"].as_i64().and_then(|pid| pid.try_into().ok()));
    pids.collect::<Option<Vec<i32>>>().context("a replica has no process id")
}
