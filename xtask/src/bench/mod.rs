//! `cargo xtask bench`: measures what was promised, on the real server in its release build.

mod deployed;
mod gateway;
mod interface;
mod proxies;
mod rollout;
mod table;

use std::process::Command;

use anyhow::Result;
use clap::Subcommand;

use crate::live::Server;
use crate::paths::Paths;
use crate::{program, server, setup};

/// The measurements that can be taken.
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
    /// The time for replacing 5 replicas, latency during it, and memory; the time for replacing 5 and 50 against one
    /// replica; and failed requests across update, reconfigure, rollback and autoscaling together.
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
        /// Requests at least, of which none may fail.
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
    },
    /// Processor time of the idle engine with 1,000 deployments, without and with autoscaling.
    Engine,
    /// A list of deployments for a person who may see 40 of 10,000, against an administrator's.
    Dashboard,
    /// The start page with few and with many deployments beside a plain JavaScript page: first row, events, search, scrolling,
    /// bytes, a slow network; the size of the interface, and the memory of the server.
    Interface {
        /// Deployments of the server with many.
        #[arg(long, default_value_t = 10_000)]
        many: u32,
    },
}

/// Builds what is measured, measures it and prints the numbers.
pub(crate) fn run(paths: &Paths, bench: Bench) -> Result<()> {
    if let Bench::Engine = bench {
        return program::run(program::cargo(paths).args(["bench", "--package", "tests", "--bench", "engine"]), "");
    }
    if let Bench::Dashboard = bench {
        let mut test = program::cargo(paths);
        test.args([
            "test",
            "--release",
            "--package",
            "changeover",
            "--lib",
            "a_person_sees_their_own_of_many",
            "--",
            "--nocapture",
        ]);
        return program::run(test.env("CHANGEOVER_BENCH_DEPLOYMENTS", "10000"), "");
    }
    if cfg!(debug_assertions) {
        return server::become_optimised(paths);
    }
    let program = server::build(paths)?;
    if let Bench::Interface { many } = bench {
        return interface::measure(paths, &program, many);
    }
    match bench {
        Bench::Gateway { .. } => setup::for_comparison()?,
        // Built before anything is measured.
        Bench::Rollout { .. } => program::run(load_test(paths).arg("--no-run"), "")?,
        Bench::Engine | Bench::Dashboard | Bench::Interface { .. } => {}
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
            Bench::Rollout { clients, rate, rollouts, .. } => {
                rollout::measure(&server, &api, clients, rate, rollouts).await
            }
            Bench::Engine | Bench::Dashboard | Bench::Interface { .. } => Ok(()),
        }
    })?;
    if let Bench::Rollout { requests, .. } = bench {
        println!("\nUpdate, reconfigure, rollback and autoscaling together, at 80 % of what the replicas can take");
        let mut test = load_test(paths);
        test.args(["together", "--", "--nocapture"]);
        test.env(setup::ONNXRUNTIME, setup::onnxruntime(paths)).env("CHANGEOVER_BIN", &program);
        program::run(test.env("CHANGEOVER_LOAD_REQUESTS", requests.to_string()), "")?;
    }
    Ok(())
}

/// The test of rollouts under load, optimised.
fn load_test(paths: &Paths) -> Command {
    let mut cargo = program::cargo(paths);
    cargo.args(["test", "--release", "--package", "tests", "--test", "load"]);
    cargo
}
