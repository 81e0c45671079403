//! Measures the processor time that the engine takes while nothing happens: 1,000 deployments of two replicas each, on
//! the real store, a fake target and a fake gateway, with time that runs by itself.

use std::time::Duration;

use anyhow::ensure;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tests::stage::Stage;

const DEPLOYMENTS: usize = 1_000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(5);
/// Longer than any pass that is still due.
const CALM: Duration = Duration::from_secs(3);

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("The idle engine with {DEPLOYMENTS} deployments of 2 replicas, {ROUNDS} rounds of {} s", ROUND.as_secs());
    let fixed = json!({"models": ["iris@1"], "replicas": 2});
    // It looks every second, as by default.
    let autoscaling = json!({"models": ["iris@1"], "autoscaling": {"min_replicas": 2, "max_replicas": 4}});
    runtime.block_on(async {
        measure("without autoscaling", &fixed).await?;
        measure("with autoscaling", &autoscaling).await
    })
}

async fn measure(name: &str, configuration: &Value) -> anyhow::Result<()> {
    let mut stage = Stage::open().await?;
    stage.operator.register("iris")?;
    for n in 0..DEPLOYMENTS {
        stage.operator.deploy(&format!("d{n}"), configuration.clone(), json!({}))?;
    }
    stage
        .until("every deployment's run", |stage| {
            let rows = stage.store.read(|reading| reading.deployments())?;
            Ok(rows.len() == DEPLOYMENTS && rows.iter().all(|row| row.rollout.is_none()))
        })
        .await?;
    ensure!(stage.target.running().len() == 2 * DEPLOYMENTS, "not every replica runs");
    tokio::time::sleep(CALM).await;

    let (mut times, passes) = (Vec::new(), stage.routing.publications());
    for _ in 0..ROUNDS {
        let (began, before) = (std::time::Instant::now(), processor_time());
        tokio::time::sleep(ROUND).await;
        times.push((processor_time() - before).as_secs_f64() * 1e3 / began.elapsed().as_secs_f64());
    }
    let passes = (stage.routing.publications() - passes) as f64 / (ROUND * ROUNDS as u32).as_secs_f64();
    times.sort_by(f64::total_cmp);
    println!(
        "{name:<20} {:>8.2} ms of processor time a second (median; {:.2} to {:.2}), {passes:.0} passes a second",
        times[ROUNDS / 2],
        times[0],
        times[ROUNDS - 1]
    );
    stage.stop_engine().await
}

/// The processor time of all threads of this process, since it began.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
