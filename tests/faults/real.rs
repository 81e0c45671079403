//! The fault lab with real processes: each fault as revision 2 over a healthy revision 1, on a real server, with
//! clients that ask all the time. The tests check the end of the rollout and the answers that the clients saw.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tests::clients::{Clients, Count};
use tests::program::until;
use tests::server::Server;

/// Deployments that are put to the test at the same time.
const AT_ONCE: usize = 16;
const REPLICAS: usize = 2;
const CLIENTS: usize = 2;
const PACE: Duration = Duration::from_millis(40);

/// A fault, and the promise that is made about it.
struct Fault {
    /// The fault as the program is told it, one or two words.
    fault: &'static str,
    /// The phase in which the rollout ends.
    ends: &'static str,
    /// True when no client may notice the fault: it shows before a replica is asked, or harms no request.
    unnoticed: bool,
}

const fn fault(fault: &'static str, ends: &'static str, unnoticed: bool) -> Fault {
    Fault { fault, ends, unnoticed }
}

/// A replica counts after 3 s of being ready.
const FAULTS: [Fault; 16] = [
    fault("start-slowly=2s", "completed", true),
    fault("start-slowly=600s", "reverted", true),
    fault("crash-at-start", "reverted", true),
    fault("crash-after=3", "reverted", false),
    fault("health-500", "reverted", true),
    fault("health-500=1s", "reverted", true),
    fault("flap=1200ms", "reverted", true),
    fault("flap=1200ms answer-slowly=300ms", "reverted", true),
    fault("health-500 ignore-sigterm", "reverted", true),
    fault("hang", "reverted", true),
    fault("hang=1s", "reverted", false),
    fault("leak=5", "completed", true),
    fault("ignore-sigterm", "completed", true),
    fault("answer-slowly=200ms", "completed", true),
    fault("answer-slowly=20s", "completed", false),
    fault("half-answer", "completed", false),
];

const STRATEGIES: [(&str, &str); 3] = [("1", "0"), ("0", "20%"), ("100%", "0")];

/// A fault, a strategy to meet it with, and what a failure does.
#[derive(Clone, Copy)]
struct Case {
    fault: &'static Fault,
    surge: &'static str,
    unavailable: &'static str,
    policy: &'static str,
}

/// The outcome of a case.
struct Outcome {
    case: Case,
    rollout: Value,
    deployment: Value,
    count: Count,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_against_each_strategy() -> anyhow::Result<()> {
    // More deployments than a small machine has room for; they hardly do anything.
    let server = Server::start_with(&["--capacity-cpu", "64", "--capacity-memory-gb", "64"]).await?;
    let plays =
        cases().into_iter().enumerate().map(|(n, case)| {
            let server = &server;
            async move {
                Ok::<_, anyhow::Error>((n, play(server, &format!("d{n}"), case).await.with_context(|| case.name())?))
            }
        });
    let mut outcomes: Vec<_> = stream::iter(plays).buffer_unordered(AT_ONCE).try_collect().await?;
    outcomes.sort_by_key(|(n, _)| *n);
    let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    println!("{}", table(&outcomes));
    let broken: Vec<_> = outcomes.iter().flat_map(broken_promises).collect();
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

/// Every fault against every strategy; the policies are told apart with one strategy, which loses a replica at once.
fn cases() -> Vec<Case> {
    let case = |fault, (surge, unavailable), policy| Case { fault, surge, unavailable, policy };
    let reverting = FAULTS.iter().flat_map(|fault| STRATEGIES.map(|strategy| case(fault, strategy, "revert")));
    let failing = FAULTS.iter().filter(|fault| fault.ends == "reverted" && fault.unnoticed);
    let others = failing.flat_map(|fault| ["stop", "dead"].map(|policy| case(fault, STRATEGIES[1], policy)));
    reverting.chain(others).collect()
}

impl Case {
    fn name(&self) -> String {
        let Self { fault, surge, unavailable, policy } = self;
        format!("{} with surge {surge}, unavailable {unavailable}, on failure {policy}", fault.fault)
    }

    /// The phase in which the rollout ends.
    fn ends(&self) -> &'static str {
        if self.policy == "revert" || self.fault.ends == "completed" { self.fault.ends } else { "failed" }
    }
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
        "liveness": {"period_seconds": 1, "initial_delay_seconds": 0, "timeout_seconds": 1, "failure_threshold": 5},
    })
}

async fn play(server: &Server, name: &str, case: Case) -> anyhow::Result<Outcome> {
    let Case { fault, surge, unavailable, policy } = case;
    server.deploy(name, configuration("")).await?;
    let clients = Clients::steady(server, name, CLIENTS, PACE)?;
    clients.reach(5).await?;
    // Also long enough to go back: for what hangs or ignores SIGTERM to end, and 3 s of being ready.
    let deadline = match fault {
        Fault { ends: "completed", .. } => 100,
        Fault { fault: "health-500 ignore-sigterm" | "crash-after=3", .. } => 20,
        _ => 15,
    };
    let strategy = json!({
        "max_surge": surge, "max_unavailable": unavailable, "min_ready_seconds": 3, "progress_deadline_seconds": deadline,
    });
    let command = &configuration(fault.fault)["command"];
    // A fault that shows does so at the first look; a busy machine makes no healthy replica fail five.
    let looks = if fault.ends == "completed" { 5 } else { 1 };
    // Who answers too late for five requests before it counts is doubted; two clients with so much time do not get there.
    let patience = if fault.fault == "answer-slowly=20s" { 8_000 } else { 2_000 };
    let set = json!({"command": command, "liveness": {"failure_threshold": looks}, "scoring_timeout_ms": patience});
    let update = json!({"set": set, "strategy": strategy, "on_failure": policy});
    server.post(&format!("/deployments/{name}/rollouts"), &update).await?;
    let rollout = server.until_over(name).await?;
    // What a stopped update lost is made up after it has ended.
    let deployment = until("the replicas that are wanted", async || {
        let deployment = server.get(&format!("/deployments/{name}?include=replicas")).await?;
        let made_up = policy != "stop" || deployment["replicas"]["ready"] == REPLICAS;
        Ok(made_up.then_some(deployment))
    })
    .await?;
    let count = clients.stop().await?;
    server.request(Method::DELETE, &format!("/deployments/{name}"))?.send().await?.error_for_status()?;
    Ok(Outcome { case, rollout, deployment, count })
}

fn broken_promises(outcome: &Outcome) -> Vec<String> {
    let Outcome { case, rollout, deployment, count } = outcome;
    let (fault, ends) = (case.fault, case.ends());
    let failed = rollout["receipt"]["failed"].as_u64().unwrap_or(u64::MAX);
    let seen = count.failures.len() as u64;
    let healthy = &rollout["receipt"]["by_revision"]["1"];
    let list = deployment["replica_list"].as_array().map_or(&[][..], Vec::as_slice);
    let all_run = |revision: u64| list.iter().all(|replica| replica["revision"] == revision);
    let error = deployment["error"].as_str().unwrap_or_default();
    let why = rollout["error"].as_str().unwrap_or_default();
    let says = match (ends, case.policy) {
        ("failed", "stop") => "The update stopped",
        ("failed", _) => "Last one that ran: ",
        _ => "",
    };
    let promises = [
        (rollout["phase"] == ends, format!("it ended {}, not {ends}: {why}", rollout["phase"])),
        (!fault.unnoticed || seen == 0, format!("{seen} requests failed: {:?}", count.failures.first())),
        (healthy["failed"] == 0, format!("requests to the healthy revision failed: {healthy}")),
        // Of a revision that is gone every failure lies within the rollout.
        (
            failed == seen || ends == "completed" && failed < seen,
            format!("the receipt says {failed} failed, clients {seen}"),
        ),
        ((deployment["status"] == "dead") == (says.starts_with("Last")), format!("it is {}", deployment["status"])),
        (error.contains(says), format!("its error does not say \"{says}\": {error}")),
        (ends != "reverted" || list.len() == REPLICAS && all_run(1), format!("after going back there are {list:?}")),
        (ends != "completed" || all_run(2), format!("after completing there are {list:?}")),
        (ends == "completed" || !rollout["error"].is_null(), "nothing says why it failed".to_owned()),
        (
            !fault.fault.starts_with("crash") || why.contains("told to crash"),
            format!("not the program's own words: {why}"),
        ),
    ];
    let broken = promises.into_iter().filter(|(kept, _)| !kept);
    broken.map(|(_, what)| format!("{}: {what}", case.name())).collect()
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table = format!(
        "{:<31} {:<6} {:<12} {:<7} {:<10} {:>8} {:>8} {:>8} {:>15} {:>8}\n",
        "fault", "surge", "unavailable", "policy", "ended", "by 1", "by 2", "failed", "receipt: failed", "retried"
    );
    for Outcome { case: Case { fault, surge, unavailable, policy }, rollout, count, .. } in outcomes {
        let (by_1, by_2, failed) = (count.of(1), count.of(2), count.failures.len());
        let phase = rollout["phase"].as_str().unwrap_or_default();
        let receipt = |name: &str| rollout["receipt"][name].as_u64().unwrap_or_default();
        let line = format!(
            "{:<31} {surge:<6} {unavailable:<12} {policy:<7} {phase:<10} {by_1:>8} {by_2:>8} {failed:>8} {:>15} {:>8}",
            fault.fault,
            receipt("failed"),
            receipt("retried")
        );
        let _ = writeln!(table, "{line}");
    }
    table
}
