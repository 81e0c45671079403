//! The charts of a deployment: what they show of steady requests and of a gap, by pointer, by keys and in a table, and
//! what of them stands in the address.

use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use tests::clients::Clients;
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::keyboard::{ESCAPE, Keyboard};

const PLOT: &str = "[data-test=metrics] [data-test=plot]";
const HAIR: &str = "[data-test=metrics] [data-test=hair]";
const WHEN: &str = "[data-test=metrics] [data-test=readout] .when";
const LEFT: &str = "\u{E012}";
const RIGHT: &str = "\u{E014}";
const HOME: &str = "\u{E011}";
const END: &str = "\u{E010}";

/// Answers the question for metrics with 40 requests in each second, without those of `window.gap`.
const STEADY: &str = "
    window.realFetch = window.fetch;
    window.fetch = async (request) => {
        const url = new URL(request.url);
        if (!url.pathname.endsWith('/metrics')) return window.realFetch(request);
        const to = Math.floor(Date.now() / 1000);
        const from = to - Number(url.searchParams.get('window'));
        const down = (at) => window.gap && at > window.gap.from && at <= window.gap.to;
        const seconds = Array.from({length: to - from}, (_, second) => from + second + 1).filter((at) => !down(at));
        const items = seconds.map((at) => ({at, revision: 1, requests: 40, failed: 0, p50_ms: 5, p95_ms: 9, p99_ms: 12}));
        const gauges = seconds.map((at) => ({at, ready: 1, waiting: 0}));
        return new Response(JSON.stringify({step: 1, from, to, items, gauges, gaps: window.gap ? [window.gap] : []}));
    };";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charts_show_what_was_counted() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    in_browser("charting", async |browser| {
        browser.sign_in(&server).await?;
        browser.go(&format!("http://{}/deployments/iris?tab=metrics&window=1m", server.listen)).await?;
        browser.read("[data-test=no-requests]", "No requests in the last minute.").await?;
        let clients = Clients::steady(&server, "iris", 2, Duration::from_millis(50))?;
        clients.reach(20).await?;
        browser.see(PLOT).await?;
        in_the_address(browser).await?;
        rollouts_are_marked(browser).await?;
        let count = clients.stop().await?;
        ensure!(count.failures.is_empty(), "requests failed: {:#?}", count.failures);

        browser.ask(STEADY).await?;
        browser.click("[data-test=tab-metrics]").await?;
        browser.click("[data-test=window-15m]").await?;
        steady_is_flat_and_a_gap_is_a_gap(browser).await?;
        by_keys(browser).await?;
        numbers(browser).await
    })
    .await
}

/// The line of the newest revision.
async fn line(browser: &Browser) -> anyhow::Result<String> {
    let script = "return document.querySelector('[data-test=metrics] [data-chart=requests] path.line.new')?.getAttribute('d') ?? ''";
    Ok(browser.ask(script).await?.as_str().unwrap_or_default().to_owned())
}

async fn steady_is_flat_and_a_gap_is_a_gap(browser: &Browser) -> anyhow::Result<()> {
    until("a flat line", async || {
        let line = line(browser).await?;
        Ok((line.starts_with("M0 ") && line.ends_with("H1000") && !line.contains('V')).then_some(()))
    })
    .await?;
    browser.ask("const now = Math.floor(Date.now() / 1000); window.gap = {from: now - 400, to: now - 300}").await?;
    until("a line with a gap", async || {
        let line = line(browser).await?;
        Ok((line.matches('M').count() == 2 && !line.contains('V')).then_some(()))
    })
    .await?;
    ensure!(browser.count("[data-test=metrics] rect.gap").await? == 1, "the gap is not marked");
    browser.ask("window.gap = null").await.map(drop)
}

/// The hairline goes from bucket to bucket, and what is read out with it.
async fn by_keys(browser: &Browser) -> anyhow::Result<()> {
    let keyboard = Keyboard { browser };
    keyboard.tab_to(PLOT).await?;
    browser.see(HAIR).await?;
    keyboard.press(END).await?;
    let last = browser.text(WHEN).await?;
    let told = browser.attribute(PLOT, "aria-valuetext").await?.unwrap_or_default();
    ensure!(told.starts_with(&last) && told.contains("per second 40"), "{last} is read out as {told:?}");
    keyboard.press(LEFT).await?;
    let before = browser.text(WHEN).await?;
    ensure!(before != last, "the hairline stays at {last}");
    keyboard.press(RIGHT).await?;
    ensure!(browser.text(WHEN).await? == last, "the hairline does not come back to {last}");
    keyboard.press(HOME).await?;
    let first = browser.text(WHEN).await?;
    ensure!(first != last && first != before, "the first bucket is {first}");
    let text = browser.text("[data-test=metrics] [data-test=readout]").await?;
    ensure!(text.contains("v1 (revision 1)") && text.contains("40"), "the readout says {text:?}");
    keyboard.press(ESCAPE).await?;
    browser.see_no_more(HAIR).await?;
    ensure!(keyboard.is_at(PLOT).await?, "the focus has gone elsewhere");
    Ok(())
}

/// The same numbers stand in a table.
async fn numbers(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=metrics] [data-test=show-numbers]").await?;
    browser.read("[data-test=metrics] [data-test=numbers] caption", "Requests per second").await?;
    let script = "return [...document.querySelectorAll('[data-test=metrics] [data-test=numbers] tbody tr')]
        .map((row) => [...row.querySelectorAll('td')].slice(0, 3).map((cell) => cell.textContent))";
    until("the numbers of steady requests", async || {
        let rows = browser.ask(script).await?;
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok((rows.len() >= 30 && rows.iter().all(|row| *row == json!(["40", "400", "0"]))).then_some(()))
    })
    .await
}

/// What is drawn and how far back stand in the address, and survive a reload.
async fn in_the_address(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=window-24h]").await?;
    browser.see("[data-test=window-24h][aria-pressed=true]").await?;
    browser.click("[data-test=window-1m]").await?;
    browser.click("[data-test=chart-latency]").await?;
    browser.see("[data-test=metrics] [data-chart=latency]").await?;
    let address = browser.address().await?;
    ensure!(address.contains("window=1m") && address.contains("chart=latency"), "the address is {address}");
    browser.go(&address).await?;
    browser.see("[data-test=metrics] [data-chart=latency]").await?;
    browser.see("[data-test=window-1m][aria-pressed=true]").await?;
    browser.see("[data-test=gauges] [data-chart=ready]").await?;

    browser.click("[data-test=tab-overview]").await?;
    browser.see("[data-test=traffic] [data-test=window-15m][aria-pressed=true]").await?;
    browser.click("[data-test=traffic] [data-test=window-1m]").await?;
    browser.see("[data-test=traffic] [data-chart=requests]").await?;
    browser.click("[data-test=all-metrics]").await?;
    browser.see(PLOT).await?;
    browser.see("[data-test=metrics] [data-chart=requests]").await?;
    let address = browser.address().await?;
    ensure!(address.contains("tab=metrics") && address.contains("window=1m"), "the address is {address}");
    Ok(())
}

/// A rollout leads to its page.
async fn rollouts_are_marked(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=window-15m]").await?;
    browser.read("[data-test=metrics] [data-test=rollout-band]", "Rollout 1").await?;
    browser.click("[data-test=metrics] [data-test=rollout-band]").await?;
    browser.see("[data-test=rollout-entry][data-number='1'] .fold[aria-expanded=true]").await.map(drop)
}
