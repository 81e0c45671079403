//! A server whose clock is set while it works.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use tests::program::until;
use tests::server::{Server, answer};

use super::{configuration, outcome};

pub(super) async fn play(library: &Path) -> anyhow::Result<()> {
    ensure!(library.is_file(), "there is no {}", library.display());
    for (jump, what) in [("+2h", "2 h forward"), ("-2h", "2 h back"), ("-2500d", "2,500 days back")] {
        let server = Server::prepare(&[])?;
        let file = server.folder().join("clock");
        fs::write(&file, "+0")?;
        let preload = format!("LD_PRELOAD={}", library.display());
        let file_is = format!("FAKETIME_TIMESTAMP_FILE={}", file.display());
        let words = ["env", &preload, &file_is, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"];
        let mut server = server.started_by(&words);
        server.start_again().await?;
        server.deploy("iris", configuration(&[])?).await?;
        let for_a_day = json!({"name": "day", "configuration": configuration(&[])?, "ttl": "24h"});
        server.post("/deployments", &for_a_day).await?;
        server.until_over("day").await?;
        let set = json!({"command": configuration(&["start-slowly=6s"])?["command"]});
        let strategy =
            json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 20, "min_ready_seconds": 2});
        server.post("/deployments/iris/rollouts", &json!({"set": set, "strategy": strategy})).await?;
        until("the first new replica starts", async || {
            let seen = server.get("/deployments/iris?include=replicas").await?;
            let list = seen["replica_list"].as_array().map_or(&[][..], Vec::as_slice);
            Ok(list.iter().any(|replica| replica["revision"] == 2 && replica["state"] == "starting").then_some(()))
        })
        .await?;
        // The engine waits by now.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let began = Instant::now();
        fs::write(&file, jump)?;
        let ended = match outcome(&server, "iris").await {
            Ok(ended) => format!("{ended} after {} s", began.elapsed().as_secs()),
            Err(error) => format!("not over after {} s: {error:#}", began.elapsed().as_secs()),
        };
        let ready = reqwest::get(format!("http://{}/readyz", server.listen)).await?.status();
        println!("clock {what} during a rollout of two replicas that take 6 s each: {ended}; /readyz says {ready}");
        // Work that is asked for after the jump: what is to be looked at again in a day, and a new deployment.
        answer(server.request(Method::PATCH, "/deployments/day")?.json(&json!({"description": "for a day"}))).await?;
        let later = server.deploy("later", configuration(&[])?).await;
        println!(
            "clock {what}, a deployment afterwards: {}",
            later.map_or_else(|error| format!("{error:#}"), |()| "runs".to_owned())
        );
    }
    Ok(())
}
