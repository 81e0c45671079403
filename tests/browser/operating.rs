//! Operations on a deployment besides updating it, by clicking only: deactivate and activate, mark a revision as known
//! to be bad, choose what a failure does, and go back with one click.

use anyhow::ensure;
use serde_json::json;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;

const UPDATE: &str = "[data-test=dialog-update]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_operated_by_clicking() -> anyhow::Result<()> {
    let server = Server::start().await?;
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 2})).await?;
    for (name, model) in [("second", "iris@2"), ("broken", "iris@3")] {
        server.post("/deployments/iris/configurations", &json!({"set": {"name": name, "models": [model]}})).await?;
    }
    in_browser("operating", async |browser| {
        browser.sign_in(&server).await?;
        browser.click("[data-test=deployment][data-name=iris] a.row-link").await?;
        no_room(browser).await?;
        down_and_up(browser).await?;
        known_to_be_bad(browser).await?;
        stops(browser, &server).await?;
        dead_and_back(browser, &server).await
    })
    .await
}

/// Machines differ in their resources, so the server's words about them are made up here.
async fn no_room(browser: &Browser) -> anyhow::Result<()> {
    let script = "
        window.realFetch = window.fetch;
        window.fetch = async (request) => {
            const asked = await request.clone().text();
            const answer = await window.realFetch(request);
            if (!answer.url.endsWith('/rehearse')) return answer;
            const body = await answer.json();
            if (JSON.parse(asked).strategy.max_surge !== 0) body.no_room = 'There is no room for a surge of 1.';
            body.not_enforced = ['cpu_limit is not enforced.'];
            return new Response(JSON.stringify(body));
        };";
    browser.ask(script).await?;
    browser.click("[data-test=update]").await?;
    browser.click(&format!("{UPDATE} [data-test=configuration][data-name=second]")).await?;
    browser.read(&format!("{UPDATE} [data-test=not-enforced]"), "cpu_limit is not enforced").await?;
    browser.click(&format!("{UPDATE} [data-test=preset-own]")).await?;
    browser.write(&format!("{UPDATE} [data-test=max_surge]"), "1").await?;
    browser.write(&format!("{UPDATE} [data-test=max_unavailable]"), "0").await?;
    browser.read(&format!("{UPDATE} [data-test=no-room]"), "There is no room for a surge of 1.").await?;
    browser.read(&format!("{UPDATE} [data-test=blocked]"), "no room").await?;
    let confirm = format!("{UPDATE} [data-test=confirm]");
    ensure!(!browser.see(&confirm).await?.is_enabled().await?, "it can be started without room");
    browser.click(&format!("{UPDATE} [data-test=drain-first]")).await?;
    browser.see_no_more(&format!("{UPDATE} [data-test=no-room]")).await?;
    let limits =
        "return ['max_surge', 'max_unavailable'].map((name) => document.querySelector(`[data-test=${name}]`).value)";
    let limits = browser.ask(limits).await?;
    ensure!(limits == json!(["0", "1"]), "the strategy is {limits}");
    ensure!(browser.see(&confirm).await?.is_enabled().await?, "it cannot be started with room");
    browser.ask("window.fetch = window.realFetch").await?;
    browser.click(&format!("{UPDATE} .close")).await?;
    browser.see_no_more(UPDATE).await
}

/// Through the menu, and back through the banner.
async fn down_and_up(browser: &Browser) -> anyhow::Result<()> {
    browser.click(".heading [data-test=menu]").await?;
    browser.click("[data-test=action-deactivate]").await?;
    browser.read("[data-test=dialog-deactivate]", "answers 503").await?;
    browser.click("[data-test=dialog-deactivate] [data-test=confirm]").await?;
    browser.see(".heading [data-status=stopped]").await?;
    browser.read("[data-test=outcome]", "This deployment is deactivated").await?;
    browser.click("[data-test=outcome-activate]").await?;
    browser.click("[data-test=dialog-activate] [data-test=confirm]").await?;
    browser.see(".heading [data-status=running]").await?;
    browser.see_no_more("[data-test=outcome]").await?;
    Ok(())
}

/// Marked with a reason, then kept from coming back without one.
async fn known_to_be_bad(browser: &Browser) -> anyhow::Result<()> {
    let first = "[data-test=revision][data-number='1']";
    browser.click(&format!("{first} [data-test=menu]")).await?;
    browser.click(&format!("{first} [data-test=action-quarantine]")).await?;
    let confirm = "[data-test=dialog-quarantine] [data-test=confirm]";
    ensure!(!browser.see(confirm).await?.is_enabled().await?, "it is marked without a reason");
    browser.write("[data-test=dialog-quarantine] [data-test=quarantine-note]", "It answers nonsense").await?;
    browser.click(confirm).await?;
    browser.read(first, "It answers nonsense").await?;
    // Nothing on the page leads back to it at one click.
    ensure!(browser.count(&format!("{first} [data-test=roll-back-to]")).await? == 0, "it is offered as a way back");
    browser.click(&format!("{first} [data-test=menu]")).await?;
    browser.click(&format!("{first} [data-test=roll-back-to]")).await?;
    let back = "[data-test=dialog-roll-back]";
    browser.read(back, "Write why to try it again").await?;
    ensure!(
        !browser.see(&format!("{back} [data-test=confirm]")).await?.is_enabled().await?,
        "it comes back without a why"
    );
    browser.click(&format!("{back} .close")).await?;
    browser.see_no_more(back).await?;
    browser.click(&format!("{first} [data-test=menu]")).await?;
    browser.click(&format!("{first} [data-test=action-quarantine]")).await?;
    browser.write("[data-test=dialog-quarantine] [data-test=quarantine-note]", "It was the network").await?;
    browser.click(confirm).await?;
    browser.see_no_more(&format!("{first} .sub.bad")).await
}

async fn choose(browser: &Browser, configuration: &str, on_failure: &str) -> anyhow::Result<()> {
    browser.click("[data-test=update]").await?;
    browser.click(&format!("{UPDATE} [data-test=configuration][data-name={configuration}]")).await?;
    browser.click(&format!("{UPDATE} [data-test=preset-own]")).await?;
    browser.write(&format!("{UPDATE} [data-test=progress_deadline_seconds]"), "2").await?;
    browser.choose(&format!("{UPDATE} [data-test=on_failure]"), on_failure).await
}

/// A failure leaves the survivors serving.
async fn stops(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    choose(browser, "broken", "stop").await?;
    browser.click(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
    browser.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    browser.see_no_more(UPDATE).await?;
    browser.read("[data-test=outcome]", "failed and stopped").await?;
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["phase"] == "failed" && rollout["on_failure"] == "stop", "{rollout:#}");
    browser.see(".heading [data-status=running]").await?;
    Ok(())
}

/// An update to a revision that is known to be bad needs a reason; where nothing is undone, one click goes back.
async fn dead_and_back(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    choose(browser, "broken", "dead").await?;
    browser.click(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
    browser.read(&format!("{UPDATE} [data-test=blocked]"), "known to be bad").await?;
    browser.write(&format!("{UPDATE} [data-test=quarantine_override]"), "To see it once more").await?;
    browser.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    browser.see_no_more(UPDATE).await?;
    browser.read("[data-test=outcome]", "This deployment is dead").await?;
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["quarantine_override"] == "To see it once more", "{rollout:#}");
    browser.read("[data-test=go-back]", "Go back to configuration first").await?;
    browser.click("[data-test=go-back]").await?;
    browser.see(".heading [data-status=running]").await?;
    browser.see("[data-test=rollout] [data-phase=completed]").await?;
    browser.see_no_more("[data-test=outcome]").await
}
