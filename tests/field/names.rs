//! Deployments that are deleted and made again under the same name, as fast as the name is free.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::json;
use tests::program::until;
use tests::server::{Server, answer};

const WORKERS: usize = 6;
/// One that answers 404 for so long although it runs answers so for good.
const LOST: Duration = Duration::from_secs(2);

pub(super) async fn play(cycles: u32) -> anyhow::Result<()> {
    let server = Server::start_with(&["--capacity-cpu", "64", "--capacity-memory-gb", "64"]).await?;
    // A replica that only watches costs next to nothing.
    let url = format!("http://{}/healthz", server.listen);
    let external = json!({"name": "elsewhere", "kind": "external", "url": url});
    server.post("/models", &external).await?;
    let (made, lost) = (AtomicU32::new(0), AtomicU32::new(0));
    let workers = (0..WORKERS).map(|worker| {
        let (server, made, lost) = (&server, &made, &lost);
        async move {
            while made.fetch_add(1, Relaxed) < cycles {
                if !cycle(server, &format!("n{worker}")).await? {
                    lost.fetch_add(1, Relaxed);
                }
            }
            anyhow::Ok(())
        }
    });
    stream::iter(workers).buffer_unordered(WORKERS).try_collect::<Vec<_>>().await?;
    println!(
        "names: {WORKERS} workers, {cycles} cycles, {} ended running with a URL that answers 404",
        lost.into_inner()
    );
    Ok(())
}

/// Makes the deployment as soon as its name is free, waits until it runs, and deletes it; whether its URL was there.
async fn cycle(server: &Server, name: &str) -> anyhow::Result<bool> {
    let body = json!({"name": name, "configuration": {"models": ["elsewhere@1"], "replicas": 1}});
    let path = format!("/deployments/{name}");
    until("the name is free", async || {
        let made = answer(server.request(Method::POST, "/deployments")?.json(&body)).await?;
        ensure!([201, 202, 409].contains(&made.status), "{made:?}");
        Ok((made.status != 409).then_some(()))
    })
    .await?;
    until("it runs", async || {
        let seen = server.get(&path).await?;
        Ok((seen["status"] == "running" && seen["replicas"]["ready"] == 1).then_some(()))
    })
    .await?;
    let began = Instant::now();
    let found = loop {
        let (_, said) = server.infer(name, "/", &json!({})).await?;
        if said.status != 404 || began.elapsed() > LOST {
            break said.status != 404;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    answer(server.request(Method::DELETE, &path)?).await?;
    Ok(found)
}
