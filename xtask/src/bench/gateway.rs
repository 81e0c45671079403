//! The same replica, asked directly, through our gateway, through nginx and through HAProxy, in one run.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::deployed::{deploy, replica_pids};
use super::proxies::Proxy;
use super::table::{median, ms};
use crate::live::{Address, Answer, Api, Inference, Load, Pace, Server, listening_addresses, percentile};
use crate::paths::Paths;

/// Before each measurement, so that connections are open and caches filled.
const WARM_UP: Duration = Duration::from_millis(300);

/// One way to the replica, and what it gave.
struct Way {
    name: &'static str,
    address: Address,
    prefix: &'static str,
    rates: Vec<f64>,
    answers: Vec<Answer>,
}

pub(super) async fn measure(
    paths: &Paths,
    server: &Server,
    api: &Api,
    clients: u32,
    rounds: u32,
    seconds: u32,
) -> Result<()> {
    let deployment = deploy(api, "iris", 1).await?;
    let inference = Inference::for_model(&server.url("iris"), "iris").await?;
    let replica = replica_address(&deployment, &inference).await?;
    let folder = paths.target().join("bench");
    let (nginx, haproxy) = (Proxy::nginx(&folder, &replica)?, Proxy::haproxy(&folder, &replica)?);
    let mut ways = [
        Way::new("directly", replica, ""),
        Way::new("our gateway", Address::Tcp(server.gateway()), "/iris"),
        Way::new("nginx", nginx.address(), ""),
        Way::new("HAProxy", haproxy.address(), ""),
    ];
    println!(
        "One replica, {clients} clients flat out, body of {} bytes, {rounds} rounds of {seconds} s for each way",
        inference.body.len()
    );
    for round in 0..rounds as usize {
        // Another one begins each round, so that none always follows the same.
        for turn in 0..ways.len() {
            let way = &mut ways[(turn + round) % 4];
            let load = Load::start(way.address.clone(), way.prefix, &inference, clients, Pace::FlatOut)?;
            tokio::time::sleep(WARM_UP).await;
            let start = std::time::Instant::now();
            let answers = load.during(Duration::from_secs(seconds.into())).await;
            way.rates.push(answers.len() as f64 / start.elapsed().as_secs_f64());
            if let Some(failure) = answers.iter().find_map(|answer| answer.failure.as_ref()) {
                bail!("{}: a request failed: {failure}", way.name);
            }
            way.answers.extend(answers);
        }
    }
    print(&ways);
    Ok(())
}

impl Way {
    fn new(name: &'static str, address: Address, prefix: &'static str) -> Self {
        Self { name, address, prefix, rates: Vec::new(), answers: Vec::new() }
    }
}

/// The address at which the one replica answers inference: of all the addresses that it listens on, the one that does.
async fn replica_address(deployment: &Value, inference: &Inference) -> Result<Address> {
    let pids = replica_pids(deployment)?;
    let pid = pids.first().context("no replica is ready")?;
    for address in listening_addresses(*pid)? {
        let load = Load::start(address.clone(), "", inference, 1, Pace::PerSecond(100))?;
        let mut answers = load.take();
        while answers.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            answers = load.take();
        }
        if answers[0].failure.is_none() {
            return Ok(address);
        }
    }
    bail!("process {pid} answers inference at none of its addresses")
}

fn print(ways: &[Way; 4]) {
    let rate = |way: &Way| median(&way.rates);
    println!("\n{:<12} {:>12} {:>10} {:>11} {:>10} {:>10}", "", "requests/s", "direct =1", "HAProxy =1", "p50", "p99");
    for way in ways {
        let (direct, haproxy) = (rate(way) / rate(&ways[0]), rate(way) / rate(&ways[3]));
        let (p50, p99) = (ms(percentile(&way.answers, 0.5)), ms(percentile(&way.answers, 0.99)));
        println!("{:<12} {:>12.0} {direct:>10.2} {haproxy:>11.2} {p50:>10} {p99:>10}", way.name, rate(way));
    }
    println!(
        "\nRequests a second are the median over the rounds; the clients share the processors with what they ask."
    );
}
