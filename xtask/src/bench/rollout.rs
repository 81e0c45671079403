//! Replacing 5 replicas under traffic: how long it takes, what the clients feel, and the memory it takes. Replacing 5
//! and 50 without traffic, against what one replica takes.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::deployed::{deploy, replica_pids};
use super::table::{mb, median, ms};
use crate::live::{
    Address, Answer, Api, Inference, Load, Memory, Pace, Server, ended, memory, percentile, wait_until_running,
};

const REPLICAS: u32 = 5;
const SIZES: [u32; 2] = [5, 50];
const SIZED_ROLLOUTS: u32 = 5;
const STEADY: Duration = Duration::from_secs(5);
/// Between two rollouts, so that each starts from calm.
const CALM: Duration = Duration::from_millis(500);

pub(super) async fn measure(server: &Server, api: &Api, clients: u32, rate: u32, rollouts: u32) -> Result<()> {
    println!("Server: {} from its start to ready", ms(server.ready_after));
    let one = time_of_one_replica(api).await?;

    let start = Instant::now();
    deploy(api, "iris", REPLICAS).await?;
    let inference = Inference::for_model(&server.url("iris"), "iris").await?;
    println!(
        "From the request to deploy {REPLICAS} replicas until all are ready and one answered: {}",
        ms(start.elapsed())
    );
    print_memory(server, &api.get("/deployments/iris?include=replicas").await?)?;

    for (name, pace) in [(format!("{rate} requests/s"), Pace::PerSecond(rate)), ("flat out".to_owned(), Pace::FlatOut)]
    {
        let load = Load::start(Address::Tcp(server.gateway()), "/iris", &inference, clients, pace)?;
        tokio::time::sleep(CALM).await;
        let steady = load.during(STEADY).await;
        let (mut times, mut during) = (Vec::new(), Vec::new());
        for n in 0..rollouts {
            tokio::time::sleep(CALM).await;
            load.take();
            times.push(one_rollout(api, "iris", if n % 2 == 0 { "iris@2" } else { "iris@1" }).await?.as_secs_f64());
            during.extend(load.take());
        }
        drop(load);
        report(&name, clients, &steady, &during, &times, one);
        // The next kind of traffic starts from version 1 again.
        if rollouts % 2 == 1 {
            one_rollout(api, "iris", "iris@1").await?;
        }
    }
    println!();
    for replicas in SIZES {
        time_of_many(api, replicas, one).await?;
    }
    Ok(())
}

/// From the request to replace the model behind so many replicas to `completed`, without traffic.
async fn time_of_many(api: &Api, replicas: u32, one: f64) -> Result<()> {
    let name = format!("of-{replicas}");
    deploy(api, &name, replicas).await?;
    let mut times = Vec::new();
    for n in 0..SIZED_ROLLOUTS {
        tokio::time::sleep(CALM).await;
        times.push(one_rollout(api, &name, if n % 2 == 0 { "iris@2" } else { "iris@1" }).await?.as_secs_f64());
    }
    let (time, (least, most)) = (median(&times), range(&times));
    println!(
        "{replicas} replicas replaced, a quarter at a time: {time:.2} s median of {} ({least:.2} to {most:.2}); \
         {:.1} times what one replica takes",
        times.len(),
        time / one
    );
    Ok(())
}

/// The least and the most.
fn range(times: &[f64]) -> (f64, f64) {
    times.iter().fold((f64::MAX, 0.0_f64), |(least, most), time| (least.min(*time), most.max(*time)))
}

/// From the request to deploy one replica until it is ready: the median of five.
async fn time_of_one_replica(api: &Api) -> Result<f64> {
    let mut times = Vec::new();
    for n in 1..=5 {
        let start = Instant::now();
        deploy(api, &format!("one-{n}"), 1).await?;
        times.push(start.elapsed().as_secs_f64());
    }
    let one = median(&times);
    println!(
        "One replica: {} from the request to deploy it until it is ready (median of 5)",
        ms(Duration::from_secs_f64(one))
    );
    Ok(one)
}

/// Replaces the model and gives the time from the request to `completed`.
async fn one_rollout(api: &Api, name: &str, model: &str) -> Result<Duration> {
    let start = Instant::now();
    let body = json!({
        "set": {"models": [model]},
        "strategy": {"max_surge": "25%", "max_unavailable": 0, "progress_deadline_seconds": 60},
        "reason": "scheduled_refresh",
        "accept_warnings": true,
    });
    let number = api.roll_out(name, &body).await?;
    loop {
        let rollout = api.get(&format!("/deployments/{name}/rollouts/{number}")).await?;
        let phase = rollout["phase"].as_str().unwrap_or_default();
        if phase == "completed" {
            let time = start.elapsed();
            ensure!(rollout["receipt"]["failed"] == 0, "requests failed: {}", rollout["receipt"]);
            wait_until_running(api, name).await?;
            return Ok(time);
        }
        if ended(phase) || start.elapsed() > Duration::from_secs(600) {
            bail!("the rollout to {model} ended {phase}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn print_memory(server: &Server, deployment: &Value) -> Result<()> {
    let of_server = memory(server.pid() as i32)?;
    let replicas = replica_pids(deployment)?.into_iter().map(memory).collect::<Result<Vec<Memory>>>()?;
    let one = replicas.first().copied().unwrap_or_default();
    let together = of_server.proportional + replicas.iter().map(|replica| replica.proportional).sum::<u64>();
    println!("Resident memory: server {}, one replica {}", mb(of_server.resident), mb(one.resident));
    println!("Server and {} replicas together, shared pages counted once: {}", replicas.len(), mb(together));
    Ok(())
}

fn report(name: &str, clients: u32, steady: &[Answer], during: &[Answer], times: &[f64], one: f64) {
    let failed = during.iter().chain(steady).filter(|answer| answer.failure.is_some()).count();
    let (least, most) = range(times);
    println!("\n{REPLICAS} replicas replaced under {clients} clients, {name} ({} times)", times.len());
    println!(
        "  request to completed: {:.2} s median ({least:.2} to {most:.2}); {:.1} times what one replica takes",
        median(times),
        median(times) / one
    );
    for (when, answers) in [("steady", steady), ("during", during)] {
        let (p50, p99) = (percentile(answers, 0.5), percentile(answers, 0.99));
        println!("  {when}: p50 {:>9}  p99 {:>9}  ({} answers)", ms(p50), ms(p99), answers.len());
    }
    let ratio = percentile(during, 0.99).as_secs_f64() / percentile(steady, 0.99).as_secs_f64().max(1e-9);
    println!("  p99 during = {ratio:.2} times steady; {failed} requests failed");
}
