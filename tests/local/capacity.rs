//! The capacity of the machine as the server is told it, and the GPUs that replicas are given of it (RAY-5).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::server::{Server, answer};

use crate::program::{ask, program};

fn configuration(replicas: u32, resources: Value) -> Value {
    json!({"runtime": "command", "command": program("python3"), "replicas": replicas, "resources": resources})
}

/// The values that replicas find in `CUDA_VISIBLE_DEVICES`.
async fn gpus(server: &Server, deployment: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut seen = BTreeSet::new();
    for _ in 0..12 {
        seen.insert(ask(server, deployment).await?["env"]["CUDA_VISIBLE_DEVICES"].to_string());
    }
    Ok(seen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_replica_sees_the_gpus_that_it_was_given_and_no_other() -> anyhow::Result<()> {
    let server = Server::start_with(&["--capacity-gpus", "3"]).await?;
    server.deploy("none", configuration(1, json!({}))).await?;
    assert_eq!(gpus(&server, "none").await?, BTreeSet::from([r#""""#.to_owned()]), "an empty list, not a missing one");
    server.deploy("whole", configuration(1, json!({"gpu": 2}))).await?;
    assert_eq!(gpus(&server, "whole").await?, BTreeSet::from([r#""0,1""#.to_owned()]));
    server.deploy("shared", configuration(2, json!({"gpu": 0.5}))).await?;
    assert_eq!(gpus(&server, "shared").await?, BTreeSet::from([r#""2""#.to_owned()]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_the_machine_was_said_to_have_is_refused() -> anyhow::Result<()> {
    let server =
        Server::start_with(&["--capacity-cpu", "1.5", "--capacity-memory-gb", "2", "--capacity-gpus", "0"]).await?;
    for (resources, words) in [
        (json!({"cpu": 1}), "2 CPU cores of 1.5"),
        (json!({"memory_gb": 1.5}), "3 GB of memory of 2"),
        (json!({"gpu": 1}), "2 GPUs of 0"),
    ] {
        let body = json!({"name": "big", "configuration": configuration(2, resources)});
        let refused = answer(server.request(reqwest::Method::POST, "/deployments")?.json(&body)).await?;
        assert_eq!(refused.body["code"], "insufficient_capacity", "{refused:?}");
        assert!(refused.body.to_string().contains(words), "{refused:?}");
    }
    server.deploy("small", configuration(2, json!({"cpu": 0.7}))).await
}
