//! Four replicas whose health comes and goes: the number of entries that this makes in the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tests::server::Server;

use super::configuration;

const TIME: Duration = Duration::from_secs(60);

pub(super) async fn play() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let mut configuration = configuration(&["flap=1500ms"])?;
    configuration["replicas"] = json!(4);
    configuration["liveness"] = json!({"initial_delay_seconds": 0, "period_seconds": 1, "failure_threshold": 1});
    server.deploy("flaps", configuration).await?;
    for minute in 1..=2 {
        let before = server.get("/history?limit=1").await?["items"][0]["seq"].as_u64().unwrap_or_default();
        tokio::time::sleep(TIME).await;
        let history = server.get("/history?limit=1000").await?;
        let mut entries = BTreeMap::<&str, u32>::new();
        let items = history["items"].as_array().map_or(&[][..], Vec::as_slice);
        for entry in items.iter().filter(|entry| entry["seq"].as_u64() > Some(before)) {
            *entries.entry(entry["event"]["kind"].as_str().unwrap_or("?")).or_default() += 1;
        }
        println!("flapping, minute {minute}: {} entries: {entries:?}", entries.values().sum::<u32>());
    }
    Ok(())
}
