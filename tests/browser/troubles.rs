//! What goes wrong around a page, or in it: somebody is told, and the page goes on.

use std::fs;

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::{broke_off, in_browser};
use crate::team::{Team, ensure_never_reloaded, never_reloaded};

/// Milliseconds by which answers come later, and clicks at that.
const CLICKS: [(u32, u32); 4] = [(0, 400), (30, 300), (300, 250), (3_000, 50)];
/// Clicks of one script, which has half a minute.
const PART: u32 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_said_and_heals() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 1})).await?;
    let pid = server.pid().context("the server does not run")?;
    in_browser("hangs", async |browser| {
        browser.sign_in(&server).await?;
        never_reloaded(browser).await?;
        browser.see("[data-test=deployment]").await?;
        // It closes nothing and answers nothing.
        processes::signal(pid, Signal::STOP);
        let said = browser.read("[data-test=stale]", "Connection lost").await;
        // What is read meanwhile comes once it goes on.
        browser.click("[data-test=nav-models]").await?;
        processes::signal(pid, Signal::CONT);
        said?;
        browser.see_no_more("[data-test=stale]").await?;
        browser.read("[data-test=model]", "iris").await?;
        ensure_never_reloaded(browser).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_breaks_off_says_so_and_tells_the_server() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let browser = Browser::open().await?;
    browser.sign_in(&server).await?;
    browser.see("[data-test=deploy-first]").await?;
    // The browser makes no element any more, which no program of a page expects.
    browser.ask("Document.prototype.createElement = () => { throw new Error('no more elements'); }").await?;
    browser.click("[data-test=nav-models]").await?;
    browser.read("[data-test=broken-off]", "This page has stopped working").await?;
    ensure!(broke_off(&browser.console().await?).is_some(), "nothing broke off");
    browser.click("[data-test=reload]").await?;
    browser.see_no_more("[data-test=broken-off]").await?;
    browser.see(".navigation").await?;
    let log = fs::read_to_string(server.folder().join("server.log"))?;
    let told = log.lines().filter(|line| line.contains("a page of the interface broke off")).count();
    ensure!(told == 1, "the server was told {told} times: {log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_breaks_off_however_fast_somebody_clicks() -> anyhow::Result<()> {
    let team = Team::start().await?;
    let update = json!({"set": {"models": ["iris@2"]}, "apply": "when_approved", "accept_warnings": true});
    team.policy(2).await?;
    team.server.post("/deployments/iris/rollouts", &update).await?;
    in_browser("wandering", async |browser| {
        browser.sign_in(&team.server).await?;
        for (seed, (latency, clicks)) in (1..).zip(CLICKS) {
            browser.slow_down(latency).await?;
            for part in 0..clicks / PART {
                let seed = seed * 1_000 + part;
                wander(browser, seed).await.with_context(|| format!("seed {seed}, {latency} ms"))?;
            }
        }
        browser.slow_down(0).await?;
        browser.go(&team.at("/")).await?;
        browser.see("[data-test=deployment]").await.map(drop)
    })
    .await
}

/// Clicks [`PART`] times on whatever can be clicked and changes nothing, and goes back now and then.
async fn wander(browser: &Browser, seed: u32) -> anyhow::Result<()> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
        let state = {seed};
        const random = (below) => {{
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return Math.floor(state / 4294967296 * below);
        }};
        const wanted = 'a[href], button:not([disabled]), summary, [role=tab], input[type=checkbox], [role=menuitem], [role=option]';
        const never = '[data-test=sign-out], [download], [target], [rel=external], [data-test=confirm], .danger, .primary[type=submit], a[href*=\"/api/\"], a[href^=\"http://127.0.0.1\"]:not([href^=\"' + location.origin + '\"])';
        let tries = 10 * {PART};
        let clicked = 0;
        window.began ??= navigation.currentEntry.index;
        const step = () => {{
            if (clicked === {PART} || tries-- === 0 || document.querySelector('[data-test=broken-off]')) return done(clicked);
            const dialog = [...document.querySelectorAll('dialog[open]')].pop();
            const all = [...(dialog ?? document).querySelectorAll(wanted)];
            const seen = all.filter((one) => !one.matches(never) && one.checkVisibility());
            if (random(12) === 0 && navigation.currentEntry.index > window.began) history.back();
            else if (seen.length > 0) {{ seen[random(seen.length)].click(); clicked++; }}
            setTimeout(step, random(40));
        }};
        step();"
    );
    let clicked = browser.ask_and_wait(&script).await?;
    let shown: Value = browser.ask("return document.querySelector('[data-test=broken-off]') !== null").await?;
    ensure!(shown == false, "the page broke off");
    ensure!(clicked == PART, "{clicked:?} of {PART} clicks found something to click");
    Ok(())
}
