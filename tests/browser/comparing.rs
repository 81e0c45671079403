//! Comparing two models, as people see it: two versions side by side on a model's page, and the report of the update
//! dialog, with what it blocks, what it asks for, and a check in a scratch replica.

use std::path::Path;

use anyhow::ensure;
use serde_json::json;
use tests::server::{Server, model_file};

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::looks::Eye;

const UPDATE: &str = "[data-test=dialog-update]";
const REGISTER: &str = "[data-test=dialog-register]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_two_versions_are_compared_on_a_page_of_their_own() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for (name, file) in [("iris", "iris-v1.onnx"), ("iris", "iris-v2.onnx"), ("diabetes", "diabetes-v1.onnx")] {
        server.register(name, file).await?;
    }
    in_browser("comparing", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        browser.click("[data-test=nav-models]").await?;
        browser.click("[data-test=model][data-name=iris] a").await?;
        browser.read("[data-test=model-version][data-version='2']", "not used").await?;
        browser.see("[data-test=version-facts]").await?;
        // The two newest at first.
        browser.see("[data-test=report][data-verdict=compatible]").await?;
        browser.read("[data-test=compare] h2", "Can iris v2 replace iris v1?").await?;
        let digest = "[data-test=part][data-part=Package] [data-test=aligned][data-name='SHA-256']";
        browser.see(&format!("{digest}[data-mark=changed]")).await?;
        ensure!(browser.count("[data-test=part][data-part=Inputs] [data-mark=equal]").await? == 1, "the inputs differ");
        eye.look("model").await?;

        browser.choose("[data-test=candidate]", "diabetes@1").await?;
        browser.see("[data-test=report][data-verdict=incompatible] [data-outcome=failed]").await?;
        browser.read("[data-test=report-counts]", "failed").await?;
        browser.see("[data-test=part][data-part=Classes] [data-mark='not known']").await?;
        eye.look("compare-incompatible").await?;
        browser.click("[data-test=swap]").await?;
        browser.read("[data-test=compare] h2", "Can iris v1 replace diabetes v1?").await?;
        // The address alone brings it back.
        let address = browser.address().await?;
        ensure!(address.ends_with("?current=diabetes@1&candidate=iris@1"), "the address is {address}");
        browser.go(&address).await?;
        browser.see("[data-test=comparison]").await?;
        eye.closes()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_held_up_by_its_report() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for (name, file) in [("iris", "iris-v1.onnx"), ("iris", "iris-v2.onnx"), ("diabetes", "diabetes-v1.onnx")] {
        server.register(name, file).await?;
    }
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 2})).await?;
    let again = model_file("iris-v1.onnx");
    let copy = server.folder().join("iris-again.onnx");
    std::fs::copy(&again, &copy)?;
    in_browser("held-up", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        register_again(browser, &copy).await?;
        for (name, model) in [("second", "iris@2"), ("other", "diabetes@1"), ("same", "iris@3")] {
            server.post("/deployments/iris/configurations", &json!({"set": {"name": name, "models": [model]}})).await?;
        }
        browser.click("[data-test=nav-deployments]").await?;
        browser.click("[data-test=deployment][data-name=iris] a.row-link").await?;
        browser.click("[data-test=update]").await?;
        let choose = async |name: &str, verdict: &str| {
            browser.click(&format!("{UPDATE} [data-test=configuration][data-name={name}]")).await?;
            browser.see(&format!("{UPDATE} [data-test=report][data-verdict={verdict}]")).await.map(drop)
        };
        let confirm = format!("{UPDATE} [data-test=confirm]");
        let can_start = async || anyhow::Ok(browser.see(&confirm).await?.is_enabled().await?);

        choose("other", "incompatible").await?;
        browser.read(&format!("{UPDATE} [data-test=blocked]"), "incompatible").await?;
        ensure!(!can_start().await?, "what is incompatible can be started");
        eye.look("update-incompatible").await?;

        choose("second", "compatible").await?;
        ensure!(can_start().await?, "what is compatible cannot be started");
        browser.click(&format!("{UPDATE} [data-test=side-by-side] summary")).await?;
        browser.see(&format!("{UPDATE} [data-test=comparison] [data-mark=changed]")).await?;
        eye.look("update-compatible").await?;
        scratch(browser).await?;
        eye.look("update-checked").await?;

        choose("same", "warning").await?;
        browser.read(&format!("{UPDATE} [data-test=blocked]"), "Go ahead with 1 warning").await?;
        ensure!(!can_start().await?, "warnings that nobody has read do not matter");
        browser.click(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
        ensure!(can_start().await?, "it cannot be started although the warnings were read");
        eye.look("update-warning").await?;
        // Said of these warnings only.
        choose("second", "compatible").await?;
        choose("same", "warning").await?;
        ensure!(!can_start().await?, "warnings stay read when another configuration was looked at");
        browser.click(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
        browser.click(&confirm).await?;
        browser.see_no_more(UPDATE).await?;
        browser.see("[data-test=rollout] [data-phase=completed]").await?;
        browser.read("[data-test=rollout] [data-test=allowed-by]", "compatible with warnings").await?;
        browser.click("[data-test=rollout] [data-test=allowed-by] summary").await?;
        browser.see("[data-test=rollout] [data-check=same_file][data-outcome=warning]").await?;
        eye.look("deployment-allowed-by").await?;
        eye.closes()
    })
    .await
}

/// Under the same name as the next version, and no other file.
async fn register_again(browser: &Browser, file: &Path) -> anyhow::Result<()> {
    open_register(browser, "iris", file).await?;
    browser.click(&format!("{REGISTER} [data-test=declare] summary")).await?;
    browser.write(&format!("{REGISTER} [data-test=tags]"), "season=autumn").await?;
    browser.click(&format!("{REGISTER} [data-test=confirm]")).await?;
    browser.see_no_more(REGISTER).await?;
    browser.read("[data-test=model-version][data-version='3']", "season=autumn").await.map(drop)
}

async fn open_register(browser: &Browser, model: &str, file: &Path) -> anyhow::Result<()> {
    browser.click("[data-test=nav-models]").await?;
    browser.click(&format!("[data-test=model][data-name={model}] a")).await?;
    browser.click("[data-test=register-version]").await?;
    browser.choose_file(&format!("{REGISTER} [data-test=file]"), file).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_file_does_not_say_is_declared_and_a_version_is_deleted() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("diabetes", "diabetes-v1.onnx").await?;
    let notes = server.folder().join("notes.txt");
    std::fs::write(&notes, "Buy milk.\n")?;
    in_browser("declaring", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        open_register(browser, "diabetes", &notes).await?;
        browser.click(&format!("{REGISTER} [data-test=confirm]")).await?;
        browser.see(&format!("{REGISTER} [data-test=failure][data-code=package_unreadable]")).await?;
        browser.read(&format!("{REGISTER} [data-test=unreadable]"), "Nothing was registered").await?;
        eye.look("register-unreadable").await?;
        browser.choose_file(&format!("{REGISTER} [data-test=file]"), &model_file("diabetes-v1.onnx")).await?;
        browser.click(&format!("{REGISTER} [data-test=declare] summary")).await?;
        browser.write(&format!("{REGISTER} [data-test=target-name]"), "progression").await?;
        browser.click(&format!("{REGISTER} [data-test=confirm]")).await?;
        browser.see_no_more(REGISTER).await?;

        let second = "[data-test=model-version][data-version='2']";
        let about = "[data-test=about-version][data-version='2']";
        let facts = browser.read(&format!("{about} [data-test=version-facts]"), "progression").await?;
        ensure!(facts.contains("declared"), "what was declared is not marked: {facts:?}");
        browser.click(&format!("{about} [data-test=client-script] summary")).await?;
        browser.read(&format!("{about} [data-test=client]"), "import").await?;
        browser.click(&format!("{about} [data-test=client-curl]")).await?;
        browser.read(&format!("{about} [data-test=client]"), "curl").await?;
        eye.look("model-declared").await?;

        browser.click(&format!("{second} [data-test=menu]")).await?;
        browser.click(&format!("{second} [data-test=delete-version]")).await?;
        let dialog = "[data-test=dialog-delete-model]";
        let confirm = format!("{dialog} [data-test=confirm]");
        ensure!(!browser.see(&confirm).await?.is_enabled().await?, "it is deleted without its name");
        eye.look("delete-model").await?;
        browser.write(&format!("{dialog} [data-test=delete-name]"), "diabetes@2").await?;
        browser.click(&confirm).await?;
        browser.see_no_more(dialog).await?;
        browser.see_no_more(second).await?;
        deploys_what_cannot_be_loaded(browser, &server).await?;
        eye.look("deploy-warned").await?;
        eye.closes()
    })
    .await
}

/// A file that its runtime cannot load is registered, and deployed only by whoever has seen the warning.
async fn deploys_what_cannot_be_loaded(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    let dialog = "[data-test=dialog-deploy]";
    browser.click("[data-test=nav-deployments]").await?;
    browser.click("[data-test=deploy-first]").await?;
    browser.choose_file(&format!("{dialog} [data-test=file]"), &model_file("iris-v3-unknown-operator.onnx")).await?;
    browser.write(&format!("{dialog} [data-test=name]"), "broken").await?;
    browser.click(&format!("{dialog} [data-test=confirm]")).await?;
    browser.read(&format!("{dialog} [data-test=version-warning]"), "NoSuchOp").await?;
    let deployments = server.get("/deployments").await?;
    ensure!(deployments["items"].as_array().is_some_and(Vec::is_empty), "it was deployed unseen: {deployments:#}");
    Ok(())
}

/// Asked for, left, found again, and then part of the report.
async fn scratch(browser: &Browser) -> anyhow::Result<()> {
    browser.see(&format!("{UPDATE} [data-check=sample_request][data-outcome=not_verified]")).await?;
    browser.click(&format!("{UPDATE} [data-test=check-in-scratch]")).await?;
    browser.see(&format!("{UPDATE} [data-test=check-progress], {UPDATE} [data-test=trial]")).await?;
    browser.click(&format!("{UPDATE} .close")).await?;
    browser.see_no_more(UPDATE).await?;
    browser.click("[data-test=update]").await?;
    browser.click(&format!("{UPDATE} [data-test=configuration][data-name=second]")).await?;
    browser.read(&format!("{UPDATE} [data-test=trial]"), "Answered a sample request").await?;
    browser.see_no_more(&format!("{UPDATE} [data-check=model_loads][data-outcome=not_verified]")).await?;
    browser.click(&format!("{UPDATE} [data-test=passed] summary")).await?;
    browser.see(&format!("{UPDATE} [data-check=model_loads][data-outcome=passed]")).await?;
    Ok(())
}
