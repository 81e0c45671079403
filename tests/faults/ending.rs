//! The end of the server: announced, with time for what is under way, counted, and at once when it is told twice.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::json;
use tests::processes;
use tests::program::{PATIENCE, until};
use tests::server::Server;

use crate::real;

/// A server with a deployment `chat` whose drain takes up to 77 s, and a stream of so many tokens from it, ten a second.
async fn streaming(options: &[&str], tokens: usize) -> anyhow::Result<(Server, reqwest::Response)> {
    let server = Server::start_with(options).await?;
    let mut configuration = real::configuration("");
    configuration["replicas"] = json!(1);
    configuration["drain_seconds"] = json!(77);
    server.deploy("chat", configuration).await?;
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let url = format!("http://{}/chat/stream?tokens={tokens}&every=100", server.gateway);
    let mut stream = http.get(url).send().await?.error_for_status()?;
    stream.chunk().await?.context("no token")?;
    Ok((server, stream))
}

/// All that still comes, and whether it ends as it should.
async fn rest(stream: &mut reqwest::Response) -> bool {
    let mut text = Vec::new();
    loop {
        match stream.chunk().await {
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) => return text.ends_with(b"[DONE]\n\n"),
            Err(_) => return false,
        }
    }
}

fn log(server: &Server) -> anyhow::Result<String> {
    Ok(fs::read_to_string(server.folder().join("server.log"))?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_has_as_long_as_the_longest_drain() -> anyhow::Result<()> {
    let (mut server, mut stream) = streaming(&[], 30).await?;
    let (status, whole) = tokio::join!(server.stop(), rest(&mut stream));
    ensure!(status?.success() && whole, "{}", log(&server)?);
    let log = log(&server)?;
    ensure!(log.contains("seconds=77") && log.contains("every request was answered"), "{log}");
    ensure!(server.replicas()?.is_empty(), "its replicas end with it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_is_counted_in_the_log() -> anyhow::Result<()> {
    let (mut server, mut stream) = streaming(&["--shutdown-seconds", "1"], 6_000).await?;
    let (status, whole) = tokio::join!(server.stop(), rest(&mut stream));
    let log = log(&server)?;
    ensure!(status?.success() && !whole, "{log}");
    ensure!(log.contains("requests were cut") && log.contains("requests=1"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_fails_first_while_requests_are_still_taken() -> anyhow::Result<()> {
    let (mut server, mut stream) = streaming(&["--shutdown-notice-seconds", "600"], 10).await?;
    let pid = server.pid().context("it runs")?;
    processes::signal(pid, Signal::TERM);
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let ready = format!("http://{}/readyz", server.listen);
    until("readiness failing", async || Ok((http.get(&ready).send().await?.status() == 503).then_some(()))).await?;
    let asked = http.get(format!("http://{}/chat/stream?tokens=1&every=1", server.gateway)).send().await?;
    ensure!(asked.status().is_success(), "{}", asked.status());
    ensure!(rest(&mut stream).await);
    // A second signal ends the notice.
    server.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_twice_it_ends_at_once() -> anyhow::Result<()> {
    let (mut server, mut stream) = streaming(&[], 6_000).await?;
    let pid = server.pid().context("it runs")?;
    processes::signal(pid, Signal::TERM);
    until("the drain", async || Ok(log(&server)?.contains("seconds=77").then_some(()))).await?;
    let ended = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
    let log = log(&server)?;
    ensure!(ended.is_ok() && log.contains("requests=1"), "{log}");
    ensure!(!rest(&mut stream).await);
    Ok(())
}
