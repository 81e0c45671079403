//! Rollouts as somebody watches them: one that goes well, one that crashes and is taken back, one that fails by itself. All
//! the while every square stays in its place.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;

const LIVE: &str = "[data-test=rollout].live";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_square_stays_in_its_place() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 4})).await?;
    // Slow to start, so that a replica that comes back is drawn before it is ready.
    let program = json!(["sh", "-c", "sleep 1; exec python3 -m http.server \"$0\" --bind 127.0.0.1", "{port}"]);
    let serving = json!({"runtime": "command", "command": program, "routes": {"health": "/"}, "replicas": 3});
    server.deploy("page", serving).await?;
    in_browser("watching", async |browser| {
        browser.sign_in(&server).await?;
        goes_well(browser, &server).await?;
        crashes_and_returns(browser, &server).await?;
        fails(browser, &server).await
    })
    .await
}

/// Writes down where each square stands, and what the rows are called.
async fn watch(browser: &Browser) -> anyhow::Result<()> {
    let script = "
        window.places = {};
        window.rows = new Set();
        window.widths = new Set();
        window.rounds = new Set();
        const look = () => {
            const card = document.querySelector('[data-test=rollout].live');
            if (!card) return;
            for (const square of card.querySelectorAll('[data-test=replica]')) {
                const {id, appearance, column} = square.dataset;
                if (!id || appearance === 'gone') continue;
                (window.places[id] ??= new Set()).add(square.parentElement.dataset.test + column);
            }
            const labels = [...card.querySelectorAll('.two-rows .label')].map((one) => one.textContent.trim());
            if (labels.length) window.rows.add(labels.join(' / '));
            for (const row of card.querySelectorAll('.slots')) window.widths.add(row.children.length);
            for (const round of card.querySelectorAll('[data-test=round] h3')) window.rounds.add(round.textContent);
        };
        window.watcher?.disconnect();
        window.watcher = new MutationObserver(look);
        window.watcher.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});";
    browser.ask(script).await.map(drop)
}

/// Holds what was written down against the promise: one place for each square, the same rows, the same columns.
async fn stayed(browser: &Browser, squares: usize, columns: usize, rows: &str) -> anyhow::Result<String> {
    let script = "
        window.watcher.disconnect();
        const places = Object.fromEntries(Object.entries(window.places).map(([id, at]) => [id, [...at]]));
        return {places, rows: [...window.rows], widths: [...window.widths], rounds: [...window.rounds].join('; ')};";
    let seen = browser.ask(script).await?;
    let places = seen["places"].as_object().context("no squares")?;
    ensure!(places.len() >= squares, "fewer than {squares} squares were seen: {seen:#}");
    let moved: Vec<_> = places.iter().filter(|(_, at)| at.as_array().is_none_or(|at| at.len() != 1)).collect();
    ensure!(moved.is_empty(), "these squares have moved: {moved:#?}");
    ensure!(seen["rows"] == json!([rows]), "the rows were called {:#}", seen["rows"]);
    ensure!(seen["widths"] == json!([columns]), "the rows were as wide as {:#}", seen["widths"]);
    Ok(seen["rounds"].as_str().unwrap_or_default().to_owned())
}

async fn goes_well(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/deployments/iris", server.listen)).await?;
    browser.read("[data-test=rollout]", "Rollout 1").await?;
    // What a replica takes of the machine is told while somebody looks, and nothing else is drawn anew for it.
    browser.ask("document.querySelector('[data-test=try]').isTheSame = true").await?;
    browser.read("[data-test=replica-row] [data-test=replica-memory]", "MB").await?;
    browser.read("[data-test=replica-row] [data-test=replica-cpu]", ".").await?;
    let same = browser.ask("return document.querySelector('[data-test=try]').isTheSame === true").await?;
    ensure!(same == true, "the head of the page was drawn anew");
    watch(browser).await?;
    let strategy = json!({"max_surge": 0, "max_unavailable": 1, "min_ready_seconds": 1});
    let update = json!({"set": {"models": ["iris@2"]}, "strategy": strategy, "accept_warnings": true});
    server.post("/deployments/iris/rollouts", &update).await?;
    browser.read(&format!("{LIVE} [data-test=floor]"), "Never below 3 of 4.").await?;
    browser.read(LIVE, "Without progress it returns to v1 in").await?;
    browser.read(&format!("{LIVE} [data-test=round][data-state=planned]"), "of 4").await?;
    browser.read(".heading [data-test=status]", "Updating iris v1 → v2").await?;
    let update = browser.attribute("[data-test=update]", "aria-disabled").await?;
    ensure!(update.as_deref() == Some("true"), "it can be updated while a rollout goes on");
    browser.see("[data-test=rollout]:not(.live) [data-phase=completed]").await?;
    // Four and four; the first of the old may have left before the card is drawn.
    let rounds = stayed(browser, 7, 4, "Old v1 / New v2").await?;
    for place in 1..=4 {
        ensure!(rounds.contains(&format!("Replica {place} of 4")), "no round {place}: {rounds}");
    }
    // Said for a moment, then only the folded line is left.
    browser.read("[data-test=outcome]", "iris v2 is in use").await?;
    browser.see_no_more("[data-test=outcome]").await?;
    browser.read("[data-test=rollout]", "iris v1 → v2, done after").await.map(drop)
}

async fn crashes_and_returns(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/deployments/page", server.listen)).await?;
    browser.read("[data-test=rollout]", "Rollout 1").await?;
    watch(browser).await?;
    let program = "import time; time.sleep(0.3); raise SystemExit('no such file')";
    let strategy = json!({"max_surge": 0, "max_unavailable": 1, "start_failures": 1_000});
    let update = json!({"set": {"command": ["python3", "-c", program]}, "strategy": strategy, "accept_warnings": true});
    server.post("/deployments/page/rollouts", &update).await?;
    browser.read("[data-test=outcome]", "crashes").await?;
    browser.read(&format!("{LIVE} [data-test=slot-note]"), "Log").await?;
    browser.read(&format!("{LIVE} [data-test=floor]"), "1 of 3 replicas is missing.").await?;
    browser.see(&format!("{LIVE} [data-test=round][data-state=failing]")).await?;
    // Repeated restarts are one line, which unfolds.
    browser.read(&format!("{LIVE} [data-test=restarts]"), "Restarted").await?;
    browser.click(&format!("{LIVE} [data-test=restarts]")).await?;
    browser.see(&format!("{LIVE} .folded ul li")).await?;
    browser
        .read("[data-test=replica-row][data-state=failed], [data-test=replica-row][data-state=starting]", "")
        .await?;
    // Returning is safe, so nothing is asked.
    browser.see(&format!("{LIVE} [data-test=cancel].primary")).await?;
    browser.click(&format!("{LIVE} [data-test=cancel]")).await?;
    browser.see("[data-test=rollout]:not(.live) [data-phase=cancelled]").await?;
    ensure!(browser.count("dialog[open]").await? == 0, "something was asked first");
    // Three old, one that crashes, and one that comes back: it may be ready before a busy browser has drawn it.
    let rounds = stayed(browser, 4, 3, "Old revision 1 / New revision 2").await?;
    let left = (1..=3).find(|place| rounds.contains(&format!("Replica {place} of 3 crashes")));
    let back = left.map(|place| format!("Back: replica {place} of 3")).unwrap_or_default();
    ensure!(left.is_some() && rounds.contains(&back), "the place that was left has no round of return: {rounds}");
    browser.see(".heading [data-status=running]").await.map(drop)
}

async fn fails(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/deployments/iris", server.listen)).await?;
    browser.read("[data-test=rollout]", "Rollout 2").await?;
    watch(browser).await?;
    let strategy = json!({"max_surge": 0, "max_unavailable": 1, "progress_deadline_seconds": 2});
    let update = json!({"set": {"models": ["iris@3"]}, "strategy": strategy, "accept_warnings": true});
    server.post("/deployments/iris/rollouts", &update).await?;
    browser.read("[data-test=outcome]", "Update to iris v3 failed. Back on iris v2.").await?;
    let rollout: Value = server.until_over("iris").await?;
    ensure!(rollout["phase"] == "reverted" && rollout["picture"].is_null(), "{rollout:#}");
    browser.read("[data-test=rollout]:not(.live)", "returned to v2").await?;
    stayed(browser, 1, 4, "Old v2 / New v3").await?;
    for way in ["outcome-details", "outcome-log", "outcome-compare", "outcome-try-again", "dismiss"] {
        browser.see(&format!("[data-test=outcome] [data-test={way}]")).await?;
    }
    // The version that failed is no place to go back to at one click.
    browser.read("[data-test=revision][data-number='3']", "known bad").await?;
    let back = browser.count("[data-test=revision][data-number='3'] > [data-test=roll-back-to]").await?;
    ensure!(back == 0, "it is offered as a way back");
    browser.click("[data-test=outcome] [data-test=dismiss]").await?;
    browser.see_no_more("[data-test=outcome]").await
}
