//! What people do out of habit: they press a question mark for the keys, act on a row by a letter, and choose light or dark.

use anyhow::ensure;
use serde_json::json;
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::keyboard::{ENTER, ESCAPE};
use crate::looks::Eye;

const ROW: &str = "[data-test=deployment][data-name=iris] a.row-link";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_and_looks_are_those_that_people_know() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 1})).await?;
    in_browser("habits", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        keys(browser, &mut eye).await?;
        appearance(browser, &mut eye).await?;
        settings(browser).await?;
        drafts(browser, &server).await?;
        eye.closes()
    })
    .await
}

async fn keys(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.see(ROW).await?;
    browser.strike("?").await?;
    browser.read("[data-test=dialog-shortcuts]", "Update the deployment of the row").await?;
    eye.look("shortcuts").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=dialog-shortcuts]").await?;
    // In a search they are letters.
    browser.strike("/u?l").await?;
    browser.holds("input[aria-label='Search deployments']", "u?l").await?;
    ensure!(browser.count("dialog[open]").await? == 0, "a key that was typed opened a dialog");
    browser.write("input[aria-label='Search deployments']", "iris").await?;
    browser.ask(&format!("document.querySelector({ROW:?}).focus()")).await?;
    browser.strike("u").await?;
    browser.read("[data-test=dialog-update]", "Update iris").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=dialog-update]").await?;
    browser.ask(&format!("document.querySelector({ROW:?}).focus()")).await?;
    browser.strike("l").await?;
    until("the logs of iris", async || {
        Ok(browser.address().await?.contains("/deployments/iris?tab=logs").then_some(()))
    })
    .await
}

/// What the server was started with is told; a search finds what it was not.
async fn settings(browser: &Browser) -> anyhow::Result<()> {
    browser.see("[data-test=setting][data-name=listen][data-source=command]").await?;
    ensure!(
        browser.count("[data-test=setting][data-name=max_model]").await? == 0,
        "a default is told among what is set"
    );
    browser.write("[aria-label='Search settings']", "largest model").await?;
    browser.read("[data-test=setting][data-name=max_model][data-source=default]", "2GiB").await?;
    ensure!(browser.count("[data-test=setting]").await? == 1, "the search finds others too");
    Ok(())
}

async fn appearance(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let ground = "return getComputedStyle(document.body).backgroundColor";
    browser.click("[data-test=nav-settings]").await?;
    browser.see("[data-test=appearance]").await?;
    let light = {
        browser.click("[data-test=theme-light]").await?;
        eye.look("appearance").await?;
        browser.ask(ground).await?
    };
    browser.click("[data-test=theme-dark]").await?;
    let dark = browser.ask(ground).await?;
    ensure!(light != dark, "both are drawn on {light}");
    // It is found again, by every page of this browser.
    browser.go(&browser.address().await?).await?;
    browser.see("[data-test=theme-dark][aria-pressed=true]").await?;
    ensure!(browser.ask(ground).await? == dark, "the page forgot that it is dark");
    browser.click("button.find").await?;
    browser.write("[data-test=palette-input]", "appearance as").await?;
    browser.strike(ENTER).await?;
    browser.see("[data-test=theme-system][aria-pressed=true]").await.map(drop)
}

/// What was written and not sent is there after a reload, until it is given up.
async fn drafts(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    let (tab, written) = (format!("http://{}/deployments/iris?tab=settings", server.listen), "Tells which iris it is");
    let description = "[data-test=settings-tab] [name=description]";
    browser.go(&tab).await?;
    browser.write(description, written).await?;
    browser.go(&tab).await?;
    browser.holds(description, written).await?;
    let register = format!("http://{}/models?dialog=register", server.listen);
    let description = "[data-test=dialog-register] [name=description]";
    browser.go(&register).await?;
    browser.write(description, "Made in May").await?;
    browser.go(&register).await?;
    browser.holds(description, "Made in May").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=dialog-register]").await?;
    browser.go(&register).await?;
    browser.holds(description, "").await
}
