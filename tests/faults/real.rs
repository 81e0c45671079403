//! The same with the real thing: each fault as revision 2 over a healthy revision 1, on a real server, with
//! clients that ask all the time. What is checked is how the rollout ends and what the clients saw.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use tests::clients::{Clients, Count};
use tests::server::Server;

/// Deployments that are put to the test at the same time.
const AT_ONCE: usize = 10;
const REPLICAS: usize = 2;
const CLIENTS: usize = 2;
const PACE: Duration = Duration::from_millis(20);

/// A fault, and the promise that is made about it.
struct Fault {
    /// What the program is told, one or two words.
    fault: &'static str,
    /// How the rollout ends.
    ends: &'static str,
    /// Whether no client may notice: the fault shows before a replica is asked, or harms no request.
    unnoticed: bool,
}

const fn fault(fault: &'static str, ends: &'static str, unnoticed: bool) -> Fault {
    Fault { fault, ends, unnoticed }
}

/// A replica counts after 3 s of being ready.
const FAULTS: [Fault; 14] = [
    fault("start-slowly=2s", "completed", true),
    fault("start-slowly=600s", "reverted", true),
    fault("crash-at-start", "reverted", true),
    fault("crash-after=3", "reverted", false),
    fault("health-500", "reverted", true),
    fault("health-500=1s", "reverted", true),
    fault("flap=1200ms", "reverted", true),
    fault("hang", "reverted", true),
    fault("hang=1s", "reverted", false),
    fault("leak=5", "completed", true),
    fault("ignore-sigterm", "completed", true),
    fault("answer-slowly=200ms", "completed", true),
    fault("answer-slowly=5s", "completed", false),
    fault("half-answer", "completed", false),
];

const STRATEGIES: [(&str, &str); 3] = [("1", "0"), ("0", "20%"), ("100%", "0")];

/// What came of one fault against one strategy.
struct Outcome {
    fault: &'static Fault,
    surge: &'static str,
    unavailable: &'static str,
    rollout: Value,
    deployment: Value,
    count: Count,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_against_each_strategy() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let cases = FAULTS.iter().flat_map(|fault| STRATEGIES.map(|strategy| (fault, strategy)));
    let plays = cases.enumerate().map(|(n, (fault, (surge, unavailable)))| {
        let server = &server;
        async move {
            let outcome = play(server, &format!("d{n}"), fault, surge, unavailable).await;
            outcome.with_context(|| format!("{} with surge {surge}, unavailable {unavailable}", fault.fault))
        }
    });
    let outcomes: Vec<_> = stream::iter(plays).buffered(AT_ONCE).try_collect().await?;
    println!("{}", table(&outcomes));
    let broken: Vec<_> = outcomes.iter().flat_map(broken_promises).collect();
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

/// The replica program as a configuration.
pub(crate) fn configuration(faults: &'static str) -> Value {
    let mut command = vec![env!("CARGO_BIN_EXE_faulty-replica"), "--port", "{port}"];
    command.extend(faults.split_whitespace().flat_map(|fault| ["--fault", fault]));
    json!({
        "runtime": "command",
        "command": command,
        "replicas": REPLICAS,
        "max_concurrent_requests": 4,
        "max_queue_ms": 10_000,
        "scoring_timeout_ms": 2_000,
        "liveness": {"period_seconds": 1, "initial_delay_seconds": 0, "timeout_seconds": 1, "failure_threshold": 1},
    })
}

async fn play(
    server: &Server,
    name: &str,
    fault: &'static Fault,
    surge: &'static str,
    unavailable: &'static str,
) -> anyhow::Result<Outcome> {
    server.deploy(name, configuration("")).await?;
    let clients = Clients::steady(server, name, CLIENTS, PACE)?;
    clients.reach(5).await?;
    // Also long enough to go back: to finish what hangs, end the replica, and be ready for 3 s.
    let deadline = if fault.ends == "completed" { 30 } else { 10 };
    let strategy = json!({
        "max_surge": surge, "max_unavailable": unavailable, "min_ready_seconds": 3, "progress_deadline_seconds": deadline,
    });
    let update = json!({"set": {"command": configuration(fault.fault)["command"]}, "strategy": strategy});
    server.post(&format!("/deployments/{name}/rollouts"), &update).await?;
    let rollout = server.until_over(name).await?;
    let count = clients.stop().await?;
    let deployment = server.get(&format!("/deployments/{name}?include=replicas")).await?;
    server.request(reqwest::Method::DELETE, &format!("/deployments/{name}"))?.send().await?.error_for_status()?;
    Ok(Outcome { fault, surge, unavailable, rollout, deployment, count })
}

fn broken_promises(outcome: &Outcome) -> Vec<String> {
    let Outcome { fault, rollout, deployment, count, .. } = outcome;
    let failed = rollout["receipt"]["failed"].as_u64().unwrap_or(u64::MAX);
    let seen = count.failures.len() as u64;
    let healthy = &rollout["receipt"]["by_revision"]["1"];
    let reverted = fault.ends == "reverted";
    let list = deployment["replica_list"].as_array().map_or(&[][..], Vec::as_slice);
    let all_run = |revision: u64| list.iter().all(|replica| replica["revision"] == revision);
    let promises = [
        (rollout["phase"] == fault.ends, format!("it ended {}, not {}", rollout["phase"], fault.ends)),
        (!fault.unnoticed || seen == 0, format!("{seen} requests failed: {:?}", count.failures.first())),
        (healthy["failed"] == 0, format!("requests to the healthy revision failed: {healthy}")),
        // Of a revision that is gone every failure lies within the rollout.
        (
            if reverted { failed == seen } else { failed <= seen },
            format!("the receipt says {failed} failed, clients {seen}"),
        ),
        (deployment["status"] == "running", format!("the deployment is {}", deployment["status"])),
        (!reverted || list.len() == REPLICAS && all_run(1), format!("after going back there are {list:?}")),
        (reverted || all_run(2), format!("after completing there are {list:?}")),
        (!reverted || !rollout["error"].is_null(), "nothing says why it went back".to_owned()),
    ];
    let broken = promises.into_iter().filter(|(kept, _)| !kept);
    broken.map(|(_, what)| format!("{} ({}/{}): {what}", fault.fault, outcome.surge, outcome.unavailable)).collect()
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!(
        "{:<31} {:<6} {:<12} {:<10} {:>8} {:>8} {:>8} {:>15} {:>8}\n",
        "fault", "surge", "unavailable", "ended", "by 1", "by 2", "failed", "receipt: failed", "retried"
    );
    for Outcome { fault, surge, unavailable, rollout, count, .. } in outcomes {
        let (by_1, by_2, failed) = (count.of(1), count.of(2), count.failures.len());
        let phase = rollout["phase"].as_str().unwrap_or_default();
        let receipt = |name: &str| rollout["receipt"][name].as_u64().unwrap_or_default();
        let line = format!(
            "{:<31} {surge:<6} {unavailable:<12} {phase:<10} {by_1:>8} {by_2:>8} {failed:>8} {:>15} {:>8}",
            fault.fault,
            receipt("failed"),
            receipt("retried")
        );
        let _ = writeln!(table, "{line}");
    }
    table
}
