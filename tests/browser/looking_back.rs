//! The history as people use it: something that is not loaded is searched for, the steps of a rollout are opened, filters
//! are chosen and taken back, and the address brings all of it back.

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use tests::program::until;
use tests::server::{Server, answer};

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::looks::Eye;

/// More changes than the page loads at a time.
const CHANGES: usize = 120;
const GROUP: &str = "[data-test=group][data-rollout='1']";
const ENTRY: &str = "[data-test=entry]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_loaded_is_found_and_shared_by_its_address() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("needle", "iris-v1.onnx").await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 2})).await?;
    server.until_over("iris").await?;
    for number in 0..CHANGES {
        let patch = server.request(Method::PATCH, "/deployments/iris")?;
        answer(patch.json(&json!({"description": format!("Change {number}")}))).await?;
    }
    in_browser("looking-back", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        browser.click("[data-test=nav-history]").await?;
        browser.see(ENTRY).await?;
        ensure!(browser.count("[data-kind=model_registered]").await? == 0, "the page loads everything");
        ensure!(browser.count("[data-kind=step_taken]").await? == 0, "steps flood the page");
        searches(browser, &mut eye).await?;
        opens_steps(browser, &mut eye).await?;
        chooses(browser, &mut eye).await?;
        new_entries_wait(browser, &server).await?;
        eye.closes()
    })
    .await
}

/// By the keyboard: the slash leads to the search.
async fn searches(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.strike("/").await?;
    browser.press("needle registered").await?;
    browser.read("[data-test=history]", "Registered model needle@1").await?;
    ensure!(browser.count(ENTRY).await? == 1, "more is found than was searched for");
    until("the address holding the words", async || {
        let address = browser.address().await?;
        Ok((address.contains("q=needle") && address.contains("registered")).then_some(()))
    })
    .await?;
    eye.look("history-search").await?;
    browser.write("input[aria-label='Search history']", "nobody did this").await?;
    browser.read("[data-test=empty]", "nobody did this").await?;
    eye.look("history-nothing").await?;
    browser.click("[data-test=history-clear]").await?;
    browser.see_no_more("[data-test=empty]").await
}

async fn opens_steps(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.write("input[aria-label='Search history']", "rollout_started iris").await?;
    browser.read(GROUP, "Completed").await?;
    let fold = browser.read(&format!("{GROUP} [data-test=steps-fold]"), "steps of the engine").await?;
    browser.click(&format!("{GROUP} [data-test=steps-fold]")).await?;
    browser.see(&format!("{GROUP} [data-test=engine-steps] {ENTRY}")).await?;
    let count = browser.count(&format!("{GROUP} [data-test=engine-steps] {ENTRY}")).await?;
    ensure!(fold.starts_with(&format!("{count} steps")), "{count} steps are listed under {fold:?}");
    browser.click(&format!("{GROUP} [data-test=engine-steps] {ENTRY} .entry")).await?;
    browser.see(&format!("{GROUP} .event-body")).await?;
    eye.look("history-steps").await?;
    // A page that is loaded anew shows the same.
    let address = browser.address().await?;
    ensure!(address.contains("steps="), "the open steps are not in the address: {address}");
    browser.go(&address).await?;
    browser.see(&format!("{GROUP} [data-test=engine-steps] {ENTRY}")).await?;
    browser.holds("input[aria-label='Search history']", "rollout_started iris").await?;
    ensure!(browser.address().await? == address, "the address has changed");
    Ok(())
}

async fn chooses(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.write("input[aria-label='Search history']", " ").await?;
    browser.see("[data-test=history-more]").await?;
    browser.click("[data-test=history-kind]").await?;
    browser.write("[data-test=history-kind-search]", "model reg").await?;
    eye.look("history-choice").await?;
    browser.click("[data-test=history-kind-choice][data-value=model_registered]").await?;
    browser.read("[data-test=history]", "needle@1").await?;
    ensure!(browser.count(ENTRY).await? == 2, "the kind is not all that is shown");
    browser.click("[data-test=history-days]").await?;
    browser.click("[data-test=history-last-7]").await?;
    browser.read("[data-test=history-days]", "Last 7 days").await?;
    // Back and forward go from choice to choice.
    browser.ask("history.back()").await?;
    browser.read("[data-test=history-days]", "Any time").await?;
    browser.ask("history.forward()").await?;
    browser.read("[data-test=history-days]", "Last 7 days").await?;
    browser.click("[data-test=export]").await?;
    let export = browser.attribute("[data-test=export-table]", "href").await?.unwrap_or_default();
    ensure!(export.contains("format=csv") && export.contains("kind=model_registered"), "exported is {export}");
    browser.click("[data-test=export]").await?;
    browser.click("[data-test=history-kind-clear]").await?;
    browser.click("[data-test=history-days-clear]").await?;
    browser.see("[data-test=history-more]").await.map(drop)
}

/// While somebody reads further down.
async fn new_entries_wait(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.ask("window.scrollTo(0, 1000)").await?;
    server.register("late", "iris-v2.onnx").await?;
    browser.read("[data-test=history-new]", "1 new").await?;
    ensure!(!browser.text("[data-test=history]").await?.contains("late@1"), "the list moved under the eyes");
    browser.click("[data-test=history-new]").await?;
    browser.read("[data-test=history]", "late@1").await?;
    browser.see_no_more("[data-test=history-new]").await?;
    // At the top they appear by themselves.
    server.register("later", "diabetes-v1.onnx").await?;
    browser.read("[data-test=history]", "later@1").await.map(drop)
}
