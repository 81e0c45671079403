//! Requests that come in bursts, and as many that come evenly: whether the deployment grows for them, and how often it
//! changes its mind.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tests::server::Server;
use tokio::task::JoinSet;

use super::configuration;

/// Time in which the requests of one kind come.
const TIME: Duration = Duration::from_secs(40);

pub(super) async fn play() -> anyhow::Result<()> {
    for (kind, at_once, pause) in [("burst", 6, Duration::from_millis(1_600)), ("even", 1, Duration::from_millis(267))]
    {
        let server = Server::start().await?;
        let mut configuration = configuration(&["answer-slowly=1s"])?;
        let autoscaling = json!({"min_replicas": 1, "max_replicas": 6, "up_delay_seconds": 2, "down_delay_seconds": 8});
        let resources = json!({"cpu": 0.05, "memory_gb": 0.05});
        for (field, value) in [
            ("replicas", Value::Null),
            ("autoscaling", autoscaling),
            ("max_queue_ms", json!(500)),
            ("resources", resources),
        ] {
            configuration[field] = value;
        }
        server.deploy("auto", configuration).await?;

        let url = format!("http://{}/auto/", server.gateway);
        let client = reqwest::Client::new();
        let mut asked = JoinSet::new();
        let mut clock = tokio::time::interval(pause);
        for _ in 0..TIME.as_millis() / pause.as_millis() {
            clock.tick().await;
            for _ in 0..at_once {
                let request = client.post(&url).json(&json!({})).timeout(Duration::from_secs(30)).send();
                asked.spawn(async {
                    request.await.map_or_else(|error| error.to_string(), |answer| answer.status().to_string())
                });
            }
        }
        let mut answers = BTreeMap::<String, u32>::new();
        for status in asked.join_all().await {
            *answers.entry(status).or_default() += 1;
        }
        let history = server.get("/history?kind=scaled&limit=1000").await?;
        let changes = history["items"].as_array().map_or(0, Vec::len);
        println!("demand, {kind}: {answers:?}; the number of replicas changed {changes} times");
    }
    Ok(())
}
