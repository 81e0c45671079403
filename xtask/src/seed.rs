//! `cargo xtask seed`: a server with many deployments, for whoever wants to look at long lists or measure them.
//!
//! One deployment runs replicas, has traffic, an update that worked and one that failed. The others have none, so that ten
//! thousand of them need no processes: most are stopped, and a few watch a URL that does not answer.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use crate::live::{Address, Api, Inference, Load, Pace, Server, ended, wait_until_running};
use crate::paths::Paths;
use crate::{demo, server};

/// Requests to the API that are under way at a time.
const AT_ONCE: usize = 8;
/// Requests a second that the deployment with replicas answers.
const RATE: u32 = 40;
const CLIENTS: u32 = 2;
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";
const IMPORTANCES: [&str; 4] = ["moderate", "low", "high", "critical"];
const SUBJECTS: [&str; 8] = ["fraud", "churn", "pricing", "demand", "routing", "credit", "search", "quality"];

/// Makes `number` deployments on a server of its own. With `exit` it ends afterwards; otherwise the server and the traffic
/// stay until Ctrl-C. `program` is a server that is built already.
pub(crate) fn run(paths: &Paths, number: u32, exit: bool, program: Option<PathBuf>) -> Result<()> {
    let program = match program {
        Some(program) => program,
        None => server::build(paths)?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(seed(paths, &program, number, exit))
}

async fn seed(paths: &Paths, program: &Path, number: u32, exit: bool) -> Result<()> {
    let server = Server::start(paths, program, "seed").await?;
    let begun = Instant::now();
    let load = fill(paths, &server, number).await?;
    println!("{number} deployments after {:.1} s", begun.elapsed().as_secs_f64());
    if !exit {
        demo::stay(&server).await?;
    }
    drop(load);
    Ok(())
}

/// Makes `number` deployments on a server that is empty. The traffic of the one with replicas goes on in what this returns.
pub(crate) async fn fill(paths: &Paths, server: &Server, number: u32) -> Result<Load> {
    let api = server.api()?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        api.register("iris", &paths.join("tests/models").join(file)).await?;
    }
    api.post("/models", &json!({"name": "elsewhere", "kind": "external", "url": NOWHERE})).await?;
    let load = with_history(server, &api).await?;
    let made = stream::iter(1..number).map(|n| watched(&api, n)).buffer_unordered(AT_ONCE);
    made.try_for_each(|()| async { Ok(()) }).await?;
    Ok(load)
}

/// The deployment with replicas, whose traffic goes on in what this returns.
async fn with_history(server: &Server, api: &Api) -> Result<Load> {
    let configuration = json!({"models": ["iris@1"], "replicas": 3, "max_concurrent_requests": 4});
    api.post("/deployments", &json!({"name": "iris", "importance": "high", "configuration": configuration})).await?;
    let deployment = wait_until_running(api, "iris").await?;
    let inference = Inference::for_model(deployment["url"].as_str().context("iris has no URL")?, "iris").await?;
    let load = Load::start(Address::Tcp(server.gateway()), "/iris", &inference, CLIENTS, Pace::PerSecond(RATE))?;
    for model in ["iris@2", "iris@3"] {
        let asked = json!({"set": {"models": [model]}, "reason": "accuracy", "accept_warnings": true});
        let rollout = api.roll_out("iris", &asked).await?;
        let path = format!("/deployments/iris/rollouts/{rollout}");
        while !ended(api.get(&path).await?["phase"].as_str().unwrap_or_default()) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    Ok(load)
}

/// A deployment without replicas: it watches a URL that answers nobody, and is stopped at once, but for one in a hundred,
/// which needs attention.
async fn watched(api: &Api, n: u32) -> Result<()> {
    let pick = |words: &[&'static str]| words[n as usize % words.len()];
    let name = format!("{}-{n}", pick(&SUBJECTS));
    let configuration = json!({"models": ["elsewhere@1"], "resources": {"cpu": 0.0001, "memory_gb": 0.0001}});
    let made = json!({"name": name, "importance": pick(&IMPORTANCES), "configuration": configuration});
    api.post("/deployments", &made).await?;
    if !n.is_multiple_of(100) {
        api.post(&format!("/deployments/{name}/deactivate"), &json!({})).await?;
    }
    Ok(())
}
