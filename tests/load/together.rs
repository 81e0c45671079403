//! Update, reconfigure, rollback and autoscaling together, under plain requests and streams of tokens, at 80 % of what
//! the replicas can take: not one request fails, and everybody has counted the same (CO-5).
//!
//! Flow: two deployments, one of the built-in runtime and one of a program that streams, are asked flat out until
//! both have scaled up, which also tells what they can take. From then on the load is an open loop. *Day* is 80 % of
//! that; *night* is so few clients that scaling down is certain. Both go through the same rollouts at the same time:
//! an update by day; `user_config` in place, twice; at night they scale down; a rollback begins at night, and by day again
//! they scale up in the middle of it.
//!
//! The traffic stands still where a rollout is asked for and, but for the one in place, where it is about to end, so
//! that it is known exactly which requests belong to it. For that it is paused while its last replica is ready and
//! does not count yet.
//!
//! `CHANGEOVER_LOAD_REQUESTS` says how many requests are sent at least.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use domain::configuration::Autoscaling;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::clients::{Count, flower};
use tests::program::until;
use tests::server::Server;

use crate::counted::{self, Change};
use crate::traffic::{Pace, Question, Traffic, between};

/// The number of requests that the unoptimised server can be asked within a minute, other tests beside it.
const REQUESTS: u64 = 30_000;
/// The share of what the replicas can take.
const SHARE: f64 = 0.8;
const MEASURED: Duration = Duration::from_secs(3);

/// One request at a time is half of what keeps a replica busy, so that a second one asks for more replicas.
const PLAIN: Autoscaling = Autoscaling { target_percent: 50, ..STREAMS };
const PLAIN_AT_A_TIME: u32 = 1;
const PLAIN_CLIENTS: usize = 32;
/// Asks for no more than the fewest replicas.
const PLAIN_NIGHT: usize = 1;

/// By day each replica is busy with three or four of its five, whatever the machine has left for the clients: well above
/// what asks for all of them.
const STREAMS: Autoscaling = Autoscaling {
    min_replicas: 2,
    max_replicas: 4,
    refresh_seconds: 1,
    target_percent: 60,
    up_delay_seconds: 0,
    down_delay_seconds: 2,
};
const STREAMS_AT_A_TIME: u32 = 5;
/// The number of streams that the most replicas take at a time.
const STREAM_CLIENTS: usize = 20;
const STREAM_NIGHT: usize = 4;
const TOKENS: usize = 20;

/// A deployment, who asks it, and what has become of it.
struct Side<'a> {
    server: &'a Server,
    name: &'static str,
    settings: Autoscaling,
    at_a_time: u32,
    clients: usize,
    night: usize,
    traffic: Traffic,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_across_update_reconfigure_rollback_and_autoscaling() -> anyhow::Result<()> {
    let requests = match std::env::var("CHANGEOVER_LOAD_REQUESTS") {
        Ok(number) => number.parse().context("CHANGEOVER_LOAD_REQUESTS is a number of requests")?,
        Err(_) => REQUESTS,
    };
    let _alone = crate::ALONE.lock().await;
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.register("iris", "iris-v2.onnx").await?;
    let (plain, streams) = tokio::try_join!(plain(&server), streams(&server))?;
    let began = Instant::now();

    let (plain_day, streams_day) = tokio::try_join!(plain.what_it_takes(), streams.what_it_takes())?;
    let day = |requests: &str, rate: f64| println!("{requests}: {:.0} requests/s flat out", rate / SHARE);
    day("plain", plain_day);
    day("streams", streams_day);

    let update = json!({"set": {"models": ["iris@2"]}, "strategy": strategy()});
    let version = json!({"set": {"version": "2"}, "strategy": strategy()});
    tokio::try_join!(
        plain.rolls("rollouts", &update, plain_day, 2),
        streams.rolls("rollouts", &version, streams_day, 2)
    )?;

    let labels = json!({"set": {"user_config": {"labels": ["my-setosa", "my-versicolor", "my-virginica"]}}});
    let other = json!({"set": {"user_config": {"n": 2}}});
    tokio::try_join!(plain.takes_in_place(&labels, plain_day), streams.takes_in_place(&other, streams_day))?;
    let labels = json!({"set": {"user_config": {"labels": ["setosa", "versicolor", "virginica"]}}});
    let other = json!({"set": {"user_config": {"n": 3}}});
    tokio::try_join!(plain.takes_in_place_by_day(&labels), streams.takes_in_place_by_day(&other))?;

    // By day until only the end is left.
    let enough = requests.saturating_sub(2 * MEASURED.as_secs() * plain_day as u64);
    plain.traffic.reach(enough).await?;
    tokio::try_join!(plain.falls_asleep(plain_day), streams.falls_asleep(streams_day))?;

    let back = json!({"to": 1, "strategy": strategy()});
    let (_, rollback) = tokio::try_join!(
        plain.rolls("rollback", &back, plain_day, 5),
        streams.rolls("rollback", &back, streams_day, 5)
    )?;
    ensure!(streams.scaled_up_within(&rollback).await?, "it did not scale up meanwhile: {rollback:#}");
    let left = requests.saturating_sub(streams.traffic.good()?);
    plain.traffic.reach(left).await?;

    let took = began.elapsed();
    let (plain, streams) = tokio::try_join!(plain.ends(), streams.ends())?;
    let all = plain.answered() + streams.answered();
    ensure!(all >= requests, "{all} of {requests}");
    println!("{all} requests in {:.0} s, 0 failed: {plain:?} {streams:?}", took.as_secs_f64());
    Ok(())
}

fn of(counted: &BTreeMap<u32, u64>, revision: u32) -> u64 {
    counted.get(&revision).copied().unwrap_or(0)
}

/// Each replaced replica counts after it was ready for a while: time enough to let the traffic stand still.
fn strategy() -> Value {
    json!({"max_surge": 1, "max_unavailable": 0, "min_ready_seconds": 2, "progress_deadline_seconds": 120})
}

async fn plain(server: &Server) -> anyhow::Result<Side<'_>> {
    let question = Question {
        method: Method::POST,
        path: "/plain/v2/models/iris/infer".to_owned(),
        body: flower(),
        is_good: |text| text.contains("setosa"),
    };
    let side = Side {
        server,
        name: "plain",
        settings: PLAIN,
        at_a_time: PLAIN_AT_A_TIME,
        clients: PLAIN_CLIENTS,
        night: PLAIN_NIGHT,
        traffic: Traffic::new(server.gateway, question, PLAIN_CLIENTS),
    };
    side.deployed(json!({"models": ["iris@1"]})).await
}

async fn streams(server: &Server) -> anyhow::Result<Side<'_>> {
    let question = Question {
        method: Method::GET,
        path: format!("/chat/stream?tokens={TOKENS}&every=50"),
        body: Bytes::new(),
        is_good: |text| text.matches("data: token").count() == TOKENS && text.ends_with("data: [DONE]\n\n"),
    };
    let side = Side {
        server,
        name: "chat",
        settings: STREAMS,
        at_a_time: STREAMS_AT_A_TIME,
        clients: STREAM_CLIENTS,
        night: STREAM_NIGHT,
        traffic: Traffic::new(server.gateway, question, STREAM_CLIENTS),
    };
    let command = [env!("CARGO_BIN_EXE_faulty-replica"), "--port", "{port}"];
    let routes = json!({"reconfigure": "/reconfigure"});
    let program = json!({"runtime": "command", "command": command, "routes": routes, "user_config": {"n": 1}});
    side.deployed(program).await
}

impl Side<'_> {
    async fn deployed(self, mut configuration: Value) -> anyhow::Result<Self> {
        configuration["autoscaling"] = serde_json::to_value(self.settings)?;
        configuration["max_concurrent_requests"] = json!(self.at_a_time);
        configuration["max_queue_ms"] = json!(60_000);
        configuration["resources"] = json!({"cpu": 0.05, "memory_gb": 0.05});
        self.server.deploy(self.name, configuration).await?;
        Ok(self)
    }

    async fn read(&self) -> anyhow::Result<Value> {
        self.server.get(&format!("/deployments/{}?include=replicas", self.name)).await
    }

    /// Waits until so many replicas are wanted, and ready.
    async fn scales_to(&self, replicas: u32) -> anyhow::Result<()> {
        until(&format!("{replicas} replicas of {}", self.name), async || {
            self.traffic.good()?;
            let there = &self.read().await?["replicas"];
            Ok((there["desired"] == replicas && there["ready"] == replicas).then_some(()))
        })
        .await
    }

    /// Asks flat out until it has scaled up, and then for a moment: 80 % of what came in that, as a rate.
    async fn what_it_takes(&self) -> anyhow::Result<f64> {
        self.traffic.drive(Pace { clients: self.clients, rate: None });
        self.scales_to(self.settings.max_replicas).await?;
        let (before, began) = (self.traffic.good()?, Instant::now());
        tokio::time::sleep(MEASURED).await;
        let rate = (self.traffic.good()? - before) as f64 / began.elapsed().as_secs_f64();
        Ok(rate * SHARE)
    }

    fn by_day(&self, rate: f64) {
        self.traffic.drive(Pace { clients: self.clients, rate: Some(rate) });
    }

    /// So few clients that it scales down.
    async fn falls_asleep(&self, rate: f64) -> anyhow::Result<()> {
        let share = self.night as f64 / self.clients as f64;
        self.traffic.drive(Pace { clients: self.night, rate: Some(rate * share) });
        self.scales_to(self.settings.min_replicas).await
    }

    /// Starts a rollout between two requests, and goes on at the day's rate once it has begun: the count at its begin.
    async fn begins(&self, path: &str, request: &Value, rate: f64) -> anyhow::Result<(Count, String)> {
        let before = self.traffic.hold().await;
        let Self { server, name, .. } = self;
        let started = server.post(&format!("/deployments/{name}/{path}"), request).await?;
        let rollout = format!("/deployments/{name}/rollouts/{}", started["number"]);
        until("the rollout's begin", async || Ok((server.get(&rollout).await?["phase"] != "pending").then_some(())))
            .await?;
        self.by_day(rate);
        Ok((before, rollout))
    }

    /// A rollout that replaces every replica. Its receipt tells exactly what the clients have counted.
    async fn rolls(&self, path: &str, request: &Value, rate: f64, revision: u32) -> anyhow::Result<Value> {
        let (before, rollout) = self.begins(path, request, rate).await?;
        until("the last replica", async || {
            self.traffic.good()?;
            let read = self.read().await?;
            let list = read["replica_list"].as_array().context("no replicas")?;
            let new = list.iter().filter(|replica| replica["revision"] == revision && replica["state"] == "ready");
            let desired = read["replicas"]["desired"].as_u64().context("no number of replicas")?;
            Ok((new.count() as u64 >= desired).then_some(()))
        })
        .await?;
        let paused = self.server.post(&format!("{rollout}/pause"), &json!({})).await?;
        ensure!(paused["phase"] == "paused", "{paused:#}");
        let after = self.traffic.hold().await;
        self.server.post(&format!("{rollout}/resume"), &json!({})).await?;
        let ended = self.server.until_over(self.name).await?;
        self.by_day(rate);
        ensure!(ended["phase"] == "completed", "{ended:#}");
        let (clients, receipt) = (between(&before, &after), counted::by_receipt(&ended["receipt"])?);
        println!("{} {path}: {}", self.name, ended["receipt"]);
        ensure!(receipt == clients, "clients counted {clients:?}: {ended:#}");
        ensure!(receipt.len() == 2, "not both revisions were asked: {ended:#}");
        Ok(ended)
    }

    /// A rollout of `user_config` alone. It ends within milliseconds, so that its end cannot be waited for with the
    /// traffic standing still: of each client, the one request that was on its way then may not be in the receipt, nor
    /// those after it, which are all the new revision's.
    async fn takes_in_place(&self, request: &Value, rate: f64) -> anyhow::Result<()> {
        let (before, rollout) = self.begins("rollouts", request, rate).await?;
        let ended = self.server.until_over(self.name).await?;
        let after = self.traffic.hold().await;
        self.by_day(rate);
        println!("{} user_config: {}", self.name, ended["receipt"]);
        ensure!(ended["phase"] == "completed", "{ended:#}");
        let (clients, receipt) = (between(&before, &after), counted::by_receipt(&ended["receipt"])?);
        let missing = of(&clients, 2).checked_sub(of(&receipt, 2));
        ensure!(missing.is_some_and(|n| n <= self.clients as u64), "clients counted {clients:?}: {ended:#}");
        ensure!(of(&receipt, 3) <= of(&clients, 3), "clients counted {clients:?}: {ended:#}");
        let steps = self.server.get(&rollout).await?["steps"].clone();
        let steps = steps.as_array().context("no steps")?;
        ensure!(steps.iter().any(|step| step["kind"] == "reconfigure"), "{steps:#?}");
        // One more may run meanwhile, and fewer may be wanted; nobody is replaced.
        let replaced = |step: &Value| step["reason"].as_str().is_some_and(|why| why.contains("earlier revision"));
        ensure!(!steps.iter().any(replaced), "a replica was replaced: {steps:#?}");
        Ok(())
    }

    /// The same while nothing stands still: none of the requests on their way is lost.
    async fn takes_in_place_by_day(&self, request: &Value) -> anyhow::Result<()> {
        // Every client has asked since the traffic went on.
        self.traffic.reach(self.traffic.good()? + 2 * self.clients as u64).await?;
        let before = self.traffic.count();
        self.server.post(&format!("/deployments/{}/rollouts", self.name), request).await?;
        let ended = self.server.until_over(self.name).await?;
        ensure!(ended["phase"] == "completed", "{ended:#}");
        let after = self.traffic.count();
        let (clients, receipt) = (between(&before, &after), counted::by_receipt(&ended["receipt"])?);
        for (revision, answered) in receipt {
            // An answer that the gateway has sent may not have come yet.
            ensure!(answered <= of(&clients, revision) + self.clients as u64, "clients counted {clients:?}: {ended:#}");
        }
        self.traffic.good().map(drop)
    }

    async fn changes(&self) -> anyhow::Result<Vec<Change>> {
        counted::changes(self.server, self.name, self.settings, self.at_a_time).await
    }

    async fn scaled_up_within(&self, rollout: &Value) -> anyhow::Result<bool> {
        let time = |field: &str| rollout[field].as_str().context("no time")?.parse::<Timestamp>().context("no time");
        let within = time("started_at")?..time("ended_at")?;
        Ok(self.changes().await?.iter().any(|change| change.to > change.from && within.contains(&change.at)))
    }

    /// The final count, held against the gateway's and the history.
    async fn ends(self) -> anyhow::Result<Count> {
        let changes = self.changes().await?;
        let Self { server, name, clients, traffic, .. } = self;
        let count = traffic.stop().await?;
        ensure!(count.failures.is_empty(), "{} failed: {:#?}", count.failures.len(), count.failures);
        ensure!(count.connections == clients as u64, "connections were closed: {count:?}");
        ensure!(count.by_revision.keys().eq(&[1, 2, 3, 4, 5]), "{count:?}");
        let gateway = counted::by_gateway(server, name).await?;
        ensure!(gateway == count.by_revision, "the gateway counted {gateway:?}, the clients {count:?}");
        println!("{name} scaled: {}", changes.iter().map(Change::to_string).collect::<Vec<_>>().join(", "));
        ensure!(changes.iter().any(|change| change.to < change.from), "it never scaled down: {changes:?}");
        Ok(count)
    }
}
