//! Two targets on one machine, each with a capacity of its own: what the replicas of one hold is not missing on the other.

use serde_json::{Value, json};
use tests::server::{Server, answer, until};

use crate::program::{ask, program};

const SETTINGS: &str = "
capacity_cpu = 1
capacity_memory_gb = 4
capacity_gpus = 1

[targets.small]
kind = \"local\"
capacity_cpu = 0.5
capacity_memory_gb = 2
capacity_gpus = 2
first_gpu = 1
";

fn body(name: &str, target: &str, replicas: u32, resources: Value) -> Value {
    let command = program("python3");
    let configuration = json!({"runtime": "command", "command": command, "replicas": replicas, "resources": resources});
    json!({"name": name, "target": target, "configuration": configuration})
}

async fn create(server: &Server, body: &Value) -> anyhow::Result<tests::server::Answer> {
    answer(server.request(reqwest::Method::POST, "/deployments")?.json(body)).await
}

async fn runs(server: &Server, name: &str) -> anyhow::Result<()> {
    until("the deployment running", async || {
        Ok((server.get(&format!("/deployments/{name}")).await?["status"] == "running").then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_of_two_targets_run_at_once_within_their_own_room_and_both_are_adopted() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    std::fs::write(server.data().join("changeover.toml"), SETTINGS)?;
    server.start_again().await?;

    let refused = create(&server, &body("lost", "nowhere", 1, json!({}))).await?;
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("invalid_field")), "{refused:?}");
    assert!(refused.body.to_string().contains("Targets of this server: local, small."), "{refused:?}");

    // As much as fits on one, and more than fits on both together would be refused by either.
    let refused = create(&server, &body("big", "small", 1, json!({"cpu": 0.9}))).await?;
    assert_eq!(refused.body["code"], "insufficient_capacity", "{refused:?}");
    assert!(refused.body.to_string().contains("0.9 CPU cores of 0.5"), "{refused:?}");
    for (name, target, cpu) in [("here", "local", 1.0), ("there", "small", 0.5)] {
        let made = create(&server, &body(name, target, 1, json!({"cpu": cpu, "gpu": 1}))).await?;
        assert_eq!((made.status, &made.body["target"]), (202, &json!(target)), "{made:?}");
        runs(&server, name).await?;
    }
    // Both targets number their GPUs from 0; on the machine they are others.
    for (name, gpu) in [("here", "0"), ("there", "1")] {
        assert_eq!(ask(&server, name).await?["env"]["CUDA_VISIBLE_DEVICES"], gpu, "{name}");
    }
    let refused = create(&server, &body("more", "local", 1, json!({"cpu": 0.1}))).await?;
    assert_eq!(refused.body["code"], "insufficient_capacity", "{refused:?}");

    let before = server.replicas()?;
    assert_eq!(before.len(), 2);
    server.kill()?;
    server.start_again().await?;
    for name in ["here", "there"] {
        runs(&server, name).await?;
        ask(&server, name).await?;
    }
    assert_eq!(server.replicas()?, before, "both were taken over");
    Ok(())
}
