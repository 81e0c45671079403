//! Keys and tokens of callers, recorded requests, and statistics that are cleared: all on the page of a deployment.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;

const INFER: &str = "/v2/models/iris/infer";
const UPDATE: &str = "[data-test=dialog-update]";
const PRIMARY: &str = "[data-test=key][data-key=primary]";
const ROTATE: &str = "[data-test=dialog-rotate-key]";
const RECORD: &str = "[data-test=dialog-record]";
const CLEAR: &str = "[data-test=dialog-clear-statistics]";

fn flower() -> Value {
    json!({"inputs": [{"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}]})
}

/// The page of `iris` with this tab.
async fn go(browser: &Browser, server: &Server, tab: &str) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/deployments/iris?tab={tab}", server.listen)).await
}

/// Confirms the update that is open, which changes this field.
async fn update(browser: &Browser, server: &Server, field: &str) -> anyhow::Result<()> {
    browser.read(UPDATE, field).await?;
    browser.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    browser.see_no_more(UPDATE).await?;
    server.until_over("iris").await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_shown_rotated_and_made_by_clicking() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    in_browser("credentials", async |browser| {
        browser.sign_in(&server).await?;
        go(browser, &server, "access").await?;
        browser.read("[data-test=anybody]", "it asks for no key and no token").await?;
        // The key that is given out before anybody is asked for one.
        let before = shown(browser).await?;
        browser.click("[data-test=ask-for-keys]").await?;
        update(browser, &server, "auth").await?;
        browser.see("[data-test=how-to-send]").await?;
        browser.read("[data-test=how-to-send]", "$CHANGEOVER_KEY").await?;
        let (_, refused) = server.infer("iris", INFER, &flower()).await?;
        ensure!(refused.status == 401, "{refused:?}");
        ensure!(asked_with(&server, &before).await? == 200, "the key from before does not let in");

        ensure!(shown(browser).await? == before, "another key is shown");
        browser.click(&format!("{PRIMARY} [data-test=rotate-key]")).await?;
        browser.read(ROTATE, "give every client the secondary key first").await?;
        browser.click(&format!("{ROTATE} [data-test=confirm]")).await?;
        browser.see_no_more(ROTATE).await?;
        let after = until("another key", async || {
            let key = browser.text(&format!("{PRIMARY} [data-test=key-text]")).await?;
            Ok((!key.is_empty() && key != before).then_some(key))
        })
        .await?;
        until("the old key being refused", async || Ok((asked_with(&server, &before).await? == 401).then_some(())))
            .await?;
        ensure!(asked_with(&server, &after).await? == 200, "the new key does not let in");
        browser.click(&format!("{PRIMARY} [data-test=show-key]")).await?;
        browser.see(&format!("{PRIMARY} [data-test=masked]")).await?;
        ensure!(browser.count("[data-test=key-text]").await? == 0, "the key is still there");
        tokens(browser, &server).await
    })
    .await
}

/// The primary key, shown.
async fn shown(browser: &Browser) -> anyhow::Result<String> {
    browser.see(&format!("{PRIMARY} [data-test=masked]")).await?;
    browser.click(&format!("{PRIMARY} [data-test=show-key]")).await?;
    until("the key", async || {
        let key = browser.text(&format!("{PRIMARY} [data-test=key-text]")).await?;
        Ok((key.len() == 64).then_some(key))
    })
    .await
}

/// The status of an answer to somebody with this credential.
async fn asked_with(server: &Server, credential: &str) -> anyhow::Result<u16> {
    let url = format!("http://{}/iris{INFER}", server.gateway);
    let asked = reqwest::Client::new().post(url).bearer_auth(credential).json(&flower());
    Ok(asked.send().await?.status().as_u16())
}

/// A token is shown once, and all are revoked.
async fn tokens(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    server.post("/deployments/iris/rollouts", &json!({"set": {"auth": "token"}})).await?;
    server.until_over("iris").await?;
    browser.choose("[data-test=token-lifetime]", "10m").await?;
    browser.click("[data-test=make-token]").await?;
    browser.read("[data-test=token-made]", "shown only this once").await?;
    let token = browser.text("[data-test=caller-token]").await?;
    ensure!(token.starts_with("ct1."), "{token}");
    until("the token letting in", async || Ok((asked_with(server, &token).await? == 200).then_some(()))).await?;
    browser.click("[data-test=token-done]").await?;
    browser.see_no_more("[data-test=token-made]").await?;
    browser.click("[data-test=revoke-tokens]").await?;
    browser.read("[data-test=dialog-revoke-tokens]", "No token that was made until now").await?;
    browser.click("[data-test=dialog-revoke-tokens] [data-test=confirm]").await?;
    until("the token being refused", async || Ok((asked_with(server, &token).await? == 401).then_some(()))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_recorded_and_opened_by_clicking() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    in_browser("recording", async |browser| {
        browser.sign_in(&server).await?;
        go(browser, &server, "requests").await?;
        browser.read("[data-test=recording-off]", "Requests are not recorded").await?;
        browser.click("[data-test=keep-predictions]").await?;
        update(browser, &server, "request_log").await?;
        browser.read("[data-test=no-records]", "No request yet").await?;

        let (_, answered) = server.infer("iris", INFER, &flower()).await?;
        ensure!(answered.status == 200, "{answered:?}");
        let (_, missed) = server.infer("iris", "/nowhere", &flower()).await?;
        ensure!(missed.status >= 400, "{missed:?}");
        until("both requests", async || Ok((browser.count("[data-test=record]").await? == 2).then_some(()))).await?;
        // The newest one first.
        browser.see("[data-index='0'] [data-test=record][data-error=true]").await?;
        browser.click("[data-test=errors-only]").await?;
        until("the error alone", async || Ok((browser.count("[data-test=record]").await? == 1).then_some(()))).await?;
        ensure!(browser.address().await?.contains("errors=true"), "the filter is not in the address");
        browser.click("[data-test=open-record]").await?;
        browser.read(&format!("{RECORD} [data-test=not-kept]"), "not kept").await?;
        browser.click(&format!("{RECORD} [data-test=close-record]")).await?;
        browser.see_no_more(RECORD).await?;
        browser.click("[data-test=errors-only]").await?;
        browser.click("[data-test=kept-only]").await?;
        until("the prediction alone", async || {
            Ok((browser.count("[data-test=record][data-error=false]").await? == 1
                && browser.count("[data-test=record]").await? == 1)
                .then_some(()))
        })
        .await?;
        browser.click("[data-test=open-record]").await?;
        let input = format!("{RECORD} [data-test=record-input]");
        browser.read(&format!("{input} [data-test=value-table]"), "5.1, 3.5, 1.4, 0.2").await?;
        browser.click(&format!("{input} [data-test=as-json]")).await?;
        browser.read(&format!("{input} pre"), "\"FP32\"").await?;
        browser.read(&format!("{RECORD} [data-test=record-output]"), "Output").await?;
        browser.click(&format!("{RECORD} [data-test=close-record]")).await?;
        browser.see_no_more(RECORD).await?;
        let file = browser.attribute("[data-test=records-table]", "href").await?.context("there is no file")?;
        ensure!(file.contains("format=csv") && file.contains("kept=true"), "{file}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statistics_are_cleared_by_clicking() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    for _ in 0..5 {
        server.infer("iris", INFER, &flower()).await?;
    }
    in_browser("clearing", async |browser| {
        browser.sign_in(&server).await?;
        browser.go(&format!("http://{}/deployments/iris?tab=metrics&window=15m", server.listen)).await?;
        browser.read("[data-test=statistics] tbody", "iris v1").await?;
        until("five requests", async || {
            let row = browser.text("[data-test=statistics] tbody tr").await?;
            Ok(row.split_whitespace().any(|word| word == "5").then_some(()))
        })
        .await?;
        browser.click("[data-test=clear-statistics]").await?;
        let confirm = format!("{CLEAR} [data-test=confirm]");
        browser.read(&format!("{CLEAR} [data-test=blocked]"), "Write the reason").await?;
        ensure!(!browser.see(&confirm).await?.is_enabled().await?, "it is cleared without a reason");
        browser.choose(&format!("{CLEAR} [data-test=clear-time]"), "all").await?;
        browser.write(&format!("{CLEAR} [data-test=clear-reason]"), "A load test").await?;
        browser.click(&confirm).await?;
        browser.see_no_more(CLEAR).await?;
        browser.see("[data-test=no-statistics]").await?;
        let history = server.get("/history?kind=statistics_cleared").await?;
        let summary = history["items"][0]["summary"].as_str().unwrap_or_default();
        ensure!(summary.contains("all models") && summary.contains("A load test"), "{history:#}");
        // From the menu alike.
        browser.click(".heading [data-test=menu]").await?;
        browser.click("[data-test=action-clear-statistics]").await?;
        browser.read(CLEAR, "go for good").await?;
        browser.click(&format!("{CLEAR} .close")).await?;
        browser.see_no_more(CLEAR).await
    })
    .await?;
    let said = server.command(&["clear-statistics", "iris", "--model", "iris@1", "--reason", "Another test"]).await?;
    ensure!(said.out.contains("iris@1") && said.out.contains("are cleared"), "{said:?}");
    let refused = server.command(&["clear-statistics", "iris", "--model", "tulip@1", "--reason", "x"]).await?;
    ensure!(refused.status != Some(0) && refused.err.contains("no revision of iris binds tulip@1"), "{refused:?}");
    Ok(())
}
