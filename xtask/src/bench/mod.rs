//! `cargo xtask bench`: measures what was promised, on the real server in its release build.

mod gateway;
mod proxies;
mod rollout;
mod table;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::live::{Api, Server, wait_until_running};
use crate::paths::Paths;
use crate::server;
use crate::setup;

/// What can be measured.
#[derive(Clone, Copy, Subcommand)]
pub(crate) enum Bench {
    /// Requests a second and latency: one replica directly, through our gateway, through nginx and through HAProxy.
    Gateway {
        /// Clients, each on a connection of its own.
        #[arg(long, default_value_t = 8)]
        clients: u32,
        /// Rounds; each measures every way once, so that all see the same machine.
        #[arg(long, default_value_t = 7)]
        rounds: u32,
        /// Seconds that each way is measured in a round.
        #[arg(long, default_value_t = 2)]
        seconds: u32,
    },
    /// How long replacing 5 replicas takes, latency during it, and memory.
    Rollout {
        /// Clients, each on a connection of its own.
        #[arg(long, default_value_t = 8)]
        clients: u32,
        /// Requests a second of the steady traffic, all clients together.
        #[arg(long, default_value_t = 500)]
        rate: u32,
        /// Replacements in each kind of traffic.
        #[arg(long, default_value_t = 8)]
        rollouts: u32,
    },
}

/// Builds what is measured, measures it and prints the numbers.
pub(crate) fn run(paths: &Paths, bench: Bench) -> Result<()> {
    if cfg!(debug_assertions) {
        return server::become_optimised(paths);
    }
    let program = server::build(paths)?;
    if let Bench::Gateway { .. } = bench {
        setup::for_comparison()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(paths, &program, "bench").await?;
        let api = server.api()?;
        for file in ["iris-v1.onnx", "iris-v2.onnx"] {
            api.register("iris", &paths.join("tests/models").join(file)).await?;
        }
        println!("\nMeasuring on {} processors", std::thread::available_parallelism()?);
        match bench {
            Bench::Gateway { clients, rounds, seconds } => {
                gateway::measure(paths, &server, &api, clients, rounds, seconds).await
            }
            Bench::Rollout { clients, rate, rollouts } => {
                rollout::measure(&server, &api, clients, rate, rollouts).await
            }
        }
    })
}

/// Deploys iris@1 and waits until it runs; gives its reading, replicas included.
async fn deploy(api: &Api, name: &str, replicas: u32) -> Result<Value> {
    let configuration = json!({
        "name": name, "models": ["iris@1"], "runtime": "onnx", "replicas": replicas,
        // As many as there are clients: what is measured is the way, not the waiting.
        "max_concurrent_requests": 64,
    });
    api.post("/deployments", &json!({"name": name, "target": "local", "configuration": configuration})).await?;
    wait_until_running(api, name).await
}

fn replica_pids(deployment: &Value) -> Result<Vec<i32>> {
    let replicas = deployment["replica_list"].as_array().context("the deployment lists no replicas")?;
    let ready = replicas.iter().filter(|replica| replica["state"] == "ready");
    let pids = ready.map(|replica| replica["pid"].as_i64().and_then(|pid| pid.try_into().ok()));
    pids.collect::<Option<Vec<i32>>>().context("a replica has no process id")
}
