//! What goes wrong around a page, or in it: somebody is told, and the page goes on.

use std::fs;

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::json;
use tests::processes;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::{broke_off, in_browser};
use crate::team::{ensure_never_reloaded, never_reloaded};

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
