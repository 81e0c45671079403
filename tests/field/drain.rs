//! One request that takes longer than the deadline of the update that waits for it.

use std::time::Duration;

use serde_json::json;
use tests::program::until;
use tests::server::Server;

use super::{configuration, outcome};

pub(super) async fn play() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for (name, surge, unavailable) in [("default", json!(0), json!("20%")), ("surge", json!(1), json!(0))] {
        server.deploy(name, configuration(&["answer-slowly=26s"])?).await?;
        let url = format!("http://{}/{name}/", server.gateway);
        let asked =
            tokio::spawn(reqwest::Client::new().post(url).json(&json!({})).timeout(Duration::from_secs(50)).send());
        until("the request is at a replica", async || {
            let seen = server.get(&format!("/deployments/{name}?include=replicas")).await?;
            let list = seen["replica_list"].as_array().map_or(&[][..], Vec::as_slice);
            Ok(list.iter().any(|replica| replica["in_flight"] == 1).then_some(()))
        })
        .await?;
        let strategy = json!({"max_surge": surge, "max_unavailable": unavailable, "progress_deadline_seconds": 10});
        let set = json!({"env": {"MODE": "two"}, "command": configuration(&[])?["command"]});
        server.post(&format!("/deployments/{name}/rollouts"), &json!({"set": set, "strategy": strategy})).await?;
        let ended = outcome(&server, name).await?;
        let answered = asked.await?.map_or_else(|error| error.to_string(), |answer| answer.status().to_string());
        println!("drain, surge {surge}, unavailable {unavailable}: {ended}; the request of 26 s: {answered}");
    }
    Ok(())
}
