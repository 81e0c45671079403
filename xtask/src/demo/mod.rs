//! `cargo xtask demo`: one replacement that works and one that fails, told as they happen, on a real server.

mod bad_day;
mod chapter;
mod receipt;
mod squares;
mod watch;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::live::{Address, Api, Inference, Load, Pace, Server, wait_until_running};
use crate::paths::Paths;
use crate::server;
use bad_day::BadDay;
use chapter::chapter;
use receipt::Count;

/// Requests a second that the demonstration sends.
const RATE: u32 = 400;
const CLIENTS: u32 = 4;

/// Builds everything and tells the story. With `exit` it ends afterwards; otherwise the server stays until Ctrl-C.
/// With faults it is the story of a bad day.
pub(crate) fn run(paths: &Paths, exit: bool, faults: &[String]) -> Result<()> {
    let bad_day = if faults.is_empty() { None } else { Some(BadDay::prepare(paths, faults)?) };
    tell_with(paths, &server::build(paths)?, exit, bad_day.as_ref())
}

/// The story of a good day with a server that is already built.
pub(crate) fn play(paths: &Paths, program: &Path, exit: bool) -> Result<()> {
    tell_with(paths, program, exit, None)
}

fn tell_with(paths: &Paths, program: &Path, exit: bool, bad_day: Option<&BadDay>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        println!("\nChangeover replaces the model behind a live URL without anyone downstream noticing.");
        match bad_day {
            None => println!("You will see one replacement that works, and one that fails."),
            Some(bad_day) => println!("You will see a bad day: {}.", bad_day.faults()),
        }
        let server = Server::start(paths, program, "demo").await?;
        let api = server.api()?;
        let load = go_live(paths, &server, &api).await?;
        match bad_day {
            None => {
                tell(paths, &api, &load).await?;
                println!("\nEvery promise was kept.\n");
            }
            Some(bad_day) => bad_day.tell(&api, &load).await?,
        }
        if !exit {
            stay(&server).await?;
        }
        drop(load);
        Ok(())
    })
}

/// The first three chapters; their traffic goes on in what this returns.
async fn go_live(paths: &Paths, server: &Server, api: &Api) -> Result<Load> {
    chapter(1, "A server");
    let log = server.output().strip_prefix(paths.root()).unwrap_or(server.output());
    println!("   Started in {:.2} s; its log is {}.", server.ready_after.as_secs_f64(), log.display());

    chapter(2, "Two versions of a classifier of iris flowers");
    register(paths, api, "iris-v1.onnx").await?;
    register(paths, api, "iris-v2.onnx").await?;

    chapter(3, "Version 1 goes live with 5 replicas");
    let configuration = json!({
        "name": "iris version 1", "models": ["iris@1"], "runtime": "onnx", "replicas": 5, "max_concurrent_requests": 4,
    });
    api.post("/deployments", &json!({"name": "iris", "target": "local", "configuration": configuration})).await?;
    let deployment = wait_until_running(api, "iris").await?;
    let url = deployment["url"].as_str().context("the deployment has no URL")?;
    println!("   {} It answers at {url}, and that address will never change.", squares::of(&deployment, 1));
    let inference = Inference::for_model(url, "iris").await?;
    let load = Load::start(Address::Tcp(server.gateway()), "/iris", &inference, CLIENTS, Pace::PerSecond(RATE))?;
    let steady = Count::of(&load.during(Duration::from_secs(1)).await);
    println!("   {CLIENTS} clients now ask it {RATE} times a second. In the first second: {}.", steady.sentence());
    ensure!(steady.answered > 0 && steady.failed == 0, "the steady traffic is not answered: {}", steady.sentence());
    Ok(load)
}

/// The story of a good day.
async fn tell(paths: &Paths, api: &Api, load: &Load) -> Result<()> {
    chapter(4, "Version 2 replaces it, while the traffic goes on");
    let body = update("iris@2", "accuracy", 120);
    let plan = &api.post("/deployments/iris/rehearse", &body).await?["plan"];
    println!(
        "   Rehearsed before anything moves: never fewer than {} replicas answer, never more than {} run.",
        plan["lowest_available"], plan["highest_total"]
    );
    println!("   {}", squares::LEGEND);
    let rollout = replace(api, load, &body, "completed").await?;
    let revision = rollout["to_revision"].as_u64().context("the rollout names no revision")?;
    println!("   Version 2 is live at the same address, and not one request failed.");

    chapter(5, "Version 3 cannot start, and nobody notices");
    register(paths, api, "iris-v3-unknown-operator.onnx").await?;
    println!("   It asks for an operator that does not exist, and no further try would change that.");
    let rollout = replace(api, load, &update("iris@3", "accuracy", 10), "reverted").await?;
    let after = wait_until_running(api, "iris").await?;
    println!("   It went back by itself. {}", why(&rollout)?);
    let moved = after["replica_list"].as_array().into_iter().flatten().filter(|r| r["state"] == "ready").count();
    ensure!(after["replicas"]["ready"] == 5 && moved == 5, "not every replica is back: {after}");
    println!("   {} Version 2 answers as before.", squares::of(&after, revision));
    Ok(())
}

async fn register(paths: &Paths, api: &Api, file: &str) -> Result<()> {
    let path = paths.join("tests/models").join(file);
    let version = api.register("iris", &path).await?;
    println!("   tests/models/{file} is registered as iris@{}", version["version"]);
    Ok(())
}

/// A rollout that adds a quarter more replicas and takes none away before a new one is ready.
fn update(model: &str, reason: &str, deadline_seconds: u32) -> Value {
    json!({
        "set": {"models": [model]},
        "strategy": {"max_surge": "25%", "max_unavailable": 0, "progress_deadline_seconds": deadline_seconds},
        "reason": reason,
        "accept_warnings": true,
    })
}

/// Rolls out, shows every step and the receipt, and checks how it ended.
async fn replace(api: &Api, load: &Load, body: &Value, expected: &str) -> Result<Value> {
    load.take();
    let number = api.roll_out("iris", body).await?;
    let rollout = watch::until_ended(api, "iris", number).await?;
    let client = Count::of(&load.take());
    println!("   Ended {}.", rollout["phase"].as_str().unwrap_or("without a phase"));
    println!("{}", receipt::beside(&rollout["receipt"], &client));
    ensure!(rollout["phase"] == expected, "the rollout should have ended {expected}: {}", rollout["phase"]);
    ensure!(rollout["receipt"]["failed"] == 0, "the gateway counts failed requests: {}", rollout["receipt"]);
    ensure!(client.failed == 0, "requests of this client failed: {}", client.sentence());
    ensure!(client.answered > 0, "this client got no answer during the rollout");
    Ok(rollout)
}

/// The reason for which a rollout was given up, in the words of its own step.
fn why(rollout: &Value) -> Result<&str> {
    let mut steps = rollout["steps"].as_array().into_iter().flatten();
    let fail = steps.find(|step| step["kind"] == "fail").context("the rollout has no step that says why it failed")?;
    fail["reason"].as_str().context("the step that failed gives no reason")
}

/// Leaves server and traffic running until Ctrl-C.
/// Leaves the server running until somebody ends it.
pub(crate) async fn stay(server: &Server) -> Result<()> {
    println!("The server goes on, and so does the traffic. Open this link to see it and try an update yourself:");
    println!("\n   {}\n", server.sign_in_link()?);
    println!("Inference URL: {}   End with Ctrl-C.", server.url("iris"));
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    println!("\nStopping.");
    Ok(())
}
